"""Country codes as officers write them: ISO 3166-1, ICAO 9303 and vehicle signs.

The table is frozen with the profile. `country` gives the alpha-2 code that normal forms use,
`icao` the code that travel documents use (Germany is `D` there, and the United Nations a state).
"""

from __future__ import annotations

_ISO = """
AD:AND AE:ARE AF:AFG AG:ATG AI:AIA AL:ALB AM:ARM AO:AGO AQ:ATA AR:ARG AS:ASM AT:AUT AU:AUS AW:ABW AX:ALA
AZ:AZE BA:BIH BB:BRB BD:BGD BE:BEL BF:BFA BG:BGR BH:BHR BI:BDI BJ:BEN BL:BLM BM:BMU BN:BRN BO:BOL BQ:BES
BR:BRA BS:BHS BT:BTN BV:BVT BW:BWA BY:BLR BZ:BLZ CA:CAN CC:CCK CD:COD CF:CAF CG:COG CH:CHE CI:CIV CK:COK
CL:CHL CM:CMR CN:CHN CO:COL CR:CRI CU:CUB CV:CPV CW:CUW CX:CXR CY:CYP CZ:CZE DE:DEU DJ:DJI DK:DNK DM:DMA
DO:DOM DZ:DZA EC:ECU EE:EST EG:EGY EH:ESH ER:ERI ES:ESP ET:ETH FI:FIN FJ:FJI FK:FLK FM:FSM FO:FRO FR:FRA
GA:GAB GB:GBR GD:GRD GE:GEO GF:GUF GG:GGY GH:GHA GI:GIB GL:GRL GM:GMB GN:GIN GP:GLP GQ:GNQ GR:GRC GS:SGS
GT:GTM GU:GUM GW:GNB GY:GUY HK:HKG HM:HMD HN:HND HR:HRV HT:HTI HU:HUN ID:IDN IE:IRL IL:ISR IM:IMN IN:IND
IO:IOT IQ:IRQ IR:IRN IS:ISL IT:ITA JE:JEY JM:JAM JO:JOR JP:JPN KE:KEN KG:KGZ KH:KHM KI:KIR KM:COM KN:KNA
KP:PRK KR:KOR KW:KWT KY:CYM KZ:KAZ LA:LAO LB:LBN LC:LCA LI:LIE LK:LKA LR:LBR LS:LSO LT:LTU LU:LUX LV:LVA
LY:LBY MA:MAR MC:MCO MD:MDA ME:MNE MF:MAF MG:MDG MH:MHL MK:MKD ML:MLI MM:MMR MN:MNG MO:MAC MP:MNP MQ:MTQ
MR:MRT MS:MSR MT:MLT MU:MUS MV:MDV MW:MWI MX:MEX MY:MYS MZ:MOZ NA:NAM NC:NCL NE:NER NF:NFK NG:NGA NI:NIC
NL:NLD NO:NOR NP:NPL NR:NRU NU:NIU NZ:NZL OM:OMN PA:PAN PE:PER PF:PYF PG:PNG PH:PHL PK:PAK PL:POL PM:SPM
PN:PCN PR:PRI PS:PSE PT:PRT PW:PLW PY:PRY QA:QAT RE:REU RO:ROU RS:SRB RU:RUS RW:RWA SA:SAU SB:SLB SC:SYC
SD:SDN SE:SWE SG:SGP SH:SHN SI:SVN SJ:SJM SK:SVK SL:SLE SM:SMR SN:SEN SO:SOM SR:SUR SS:SSD ST:STP SV:SLV
SX:SXM SY:SYR SZ:SWZ TC:TCA TD:TCD TF:ATF TG:TGO TH:THA TJ:TJK TK:TKL TL:TLS TM:TKM TN:TUN TO:TON TR:TUR
TT:TTO TV:TUV TW:TWN TZ:TZA UA:UKR UG:UGA UM:UMI US:USA UY:URY UZ:UZB VA:VAT VC:VCT VE:VEN VG:VGB VI:VIR
VN:VNM VU:VUT WF:WLF WS:WSM XK:XKX YE:YEM YT:MYT ZA:ZAF ZM:ZMB ZW:ZWE AC:ASC TA:TAA
"""

ALPHA3 = dict(pair.split(":") for pair in _ISO.split())
"""ISO 3166-1 alpha-2 to alpha-3, with the reserved XK, AC and TA."""

_FROM_ALPHA3 = {alpha3: alpha2 for alpha2, alpha3 in ALPHA3.items()}
_SPOKEN = {"UK": "GB", "EL": "GR", "XI": "GB", "D": "DE", "RKS": "XK", "ROM": "RO", "GBD": "GB"}

_ICAO = """
GBD GBN GBO GBP GBS UNO UNA UNK XBA XIM XCC XCE XCO XEC XPO XES XMP XOM XDC XXA XXB XXC XXX EUE UTO RKS IAO
XAU XCT
"""

_ICAO_ONLY = frozenset(_ICAO.split())
"""ICAO 9303-3 section 5: codes of states and organisations that ISO 3166-1 lacks."""

_VEHICLES = """
A:AT B:BE CH:CH CY:CY CZ:CZ D:DE DK:DK E:ES EST:EE F:FR FIN:FI FL:LI GBZ:GI H:HU HR:HR I:IT IRL:IE IS:IS
L:LU LT:LT LV:LV M:MT MC:MC MD:MD MK:MK NMK:MK MNE:ME N:NO NL:NL P:PT PL:PL RO:RO RKS:XK RSM:SM RUS:RU S:SE
SK:SK SLO:SI SRB:RS TR:TR UA:UA V:VA BG:BG BIH:BA BY:BY AL:AL AND:AD AM:AM AZ:AZ GE:GE GR:GR KZ:KZ UZ:UZ
"""

_SIGNS = dict(pair.split(":") for pair in _VEHICLES.split())
"""Distinguishing signs of vehicles (Vienna Convention on Road Traffic, article 37)."""


def country(code: str) -> str | None:
    """The alpha-2 code for an alpha-2, alpha-3 or customary code, or None."""
    upper = code.strip().upper()
    upper = _SPOKEN.get(upper, upper)
    return upper if upper in ALPHA3 else _FROM_ALPHA3.get(upper)


def vehicle_country(sign: str) -> str | None:
    """The alpha-2 code for a vehicle's distinguishing sign or a country code, or None."""
    return _SIGNS.get(sign.strip().upper()) or country(sign)


def icao(code: str) -> str | None:
    """The code of an issuing state in ICAO 9303-3 (`D`, `GBR`, `UTO` …), or None."""
    upper = code.strip().upper()
    if upper in _ICAO_ONLY:
        return upper
    known = country(upper)
    if known is None:
        return None
    return {"DE": "D", "XK": "RKS"}.get(known, ALPHA3[known])
