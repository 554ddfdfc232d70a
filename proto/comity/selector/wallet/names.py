"""The names under which officers know a chain."""

from __future__ import annotations

import re

_SPOKEN = """
btc: btc bitcoin xbt bc bitcoin-testnet tbtc
ltc: ltc litecoin
doge: doge dogecoin
bch: bch bitcoin-cash bitcoincash bchtest
xec: xec ecash
bsv: bsv bitcoin-sv
dash: dash
zec: zec zcash
evm: evm eth ethereum ether erc20 usdt-erc20 bsc binance-smart-chain bep20 polygon matic pol arbitrum optimism
 base avalanche avax avax-c fantom ftm cronos gnosis xdai celo linea zksync etc ethereum-classic
 scroll blast mantle
trx: trx tron trc20 usdt-trc20
xrp: xrp ripple xrpl
sol: sol solana
xmr: xmr monero
ada: ada cardano web-cardano
xlm: xlm stellar
dot: dot polkadot
ksm: ksm kusama
substrate: substrate
atom: atom cosmos
osmo: osmo osmosis
tia: tia celestia
inj: inj injective
luna: luna terra
kava: kava
axl: axl axelar
akt: akt akash
bnb: bnb bep2 binance-chain
rune: rune thorchain
sei: sei
dydx: dydx
scrt: scrt secret
juno: juno
stars: stars stargaze
ton: ton toncoin
algo: algo algorand
xtz: xtz tezos
"""

CHAINS = {
    name: chain
    for chain, names in re.findall(r"^(\w+):((?:.*\n )*.*)$", _SPOKEN, flags=re.MULTILINE)
    for name in names.split()
}
"""Name or ticker to the chain of the normal form."""

SHARED = frozenset({"ltc", "bch", "bsv"})
"""Chains that once used Bitcoin's own version bytes: such an address is written `btc:`."""


def chain_of(name: str) -> str | None:
    """The chain for a name, or None."""
    return CHAINS.get(re.sub(r"[\s_-]+", "-", name.strip().lower()))
