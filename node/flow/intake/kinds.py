"""Words of officers' languages for the kinds of `comity.selector`, which itself speaks English.

Promised: a word here never hides a name or alias of the profile; it only adds to them.
"""

from __future__ import annotations

_WORDS = {
    "phone": "telefoon, telefoonnummer, mobiel, gsm, telefono, cellulare, numero di telefono, telefon, "
    "număr de telefon, handy, telefonnummer, téléphone, portable, teléfono, móvil",
    "iban": "rekening, rekeningnummer, conto, conto corrente, cont, cont bancar, konto, compte",
    "card": "betaalkaart, bankkaart, carta, carta di pagamento, card bancar, zahlungskarte, carte bancaire",
    "wallet": "cryptoadres, portafoglio, indirizzo crypto, portofel, adresă crypto, kryptoadresse, "
    "portefeuille",
    "email": "e-mailadres, posta elettronica, indirizzo email, adresă de e-mail, courriel",
    "advert": "advertentie, annuncio, anunț, anunt, anzeige, annonce, anuncio",
    "handle": "gebruikersnaam, profiel, nome utente, profilo, utilizator, benutzername, pseudo, usuario",
    "ip": "ip-adres, indirizzo ip, adresă ip, ip-adresse, adresse ip",
    "plate": "kenteken, targa, număr de înmatriculare, nr inmatriculare, placă, kennzeichen, "
    "plaque d'immatriculation, immatriculation, matrícula",
    "vin": "chassisnummer, telaio, numero di telaio, serie șasiu, fahrgestellnummer, numéro de châssis",
    "document": "documento, identiteitsbewijs, paspoort, passaporto, carta d'identità, act de identitate, "
    "pașaport, ausweis, reisepass, pièce d'identité, passeport",
    "travel": "reis, boeking, viaggio, prenotazione, călătorie, rezervare, reise, buchung, voyage",
    "hotel": "verblijf, alloggio, albergo, cazare, unterkunft, hôtel, hébergement",
    "company": "bedrijf, kvk, azienda, impresa, ditta, firmă, societate, firma, unternehmen, entreprise, "
    "empresa",
    "person": "persoon, persona, persoană, personne",
    "voucher": "tegoedbon, buono, gutschein, bon",
    "transfer": "geldoverboeking, rimessa, trasferimento, transfer bani, geldtransfer, mandat",
    "transaction": "transactie, transazione, tranzacție, transaktion",
}

KIND_WORDS = {word.strip().casefold(): kind for kind, words in _WORDS.items() for word in words.split(",")}
"""Word in lower case to the profile's name of the kind."""
