"""What the demo's municipalities talk about: invented items for real places."""

from typing import NamedTuple


class Matter(NamedTuple):
    """An item, what was said on it, and what came of it. `decision` and `action` are empty where there was none."""

    title: str
    text: str
    kind: str
    minutes: int
    notes: str
    decision: str = ""
    action: str = ""
    days: int = 14


MATTERS = (
    Matter(
        "Piano neve: mezzi e sale in comune tra Comuni vicini",
        "Nell'inverno scorso **undici Comuni** sono rimasti senza sale per due giorni. Proponiamo un magazzino per zona:\n\n"
        "- un elenco dei mezzi disponibili\n- una soglia sotto la quale si chiede aiuto\n- un numero unico, attivo dalle 5",
        "decision",
        20,
        "I Comuni montani chiedono che il magazzino sia raggiungibile anche con le strade chiuse. Si concorda su due depositi per zona.",
        "I Comuni mettono in comune mezzi e sale con due depositi per zona, dal 1º dicembre al 31 marzo.",
        "Inviare l'elenco dei mezzi disponibili",
        10,
    ),
    Matter(
        "Trasporto scolastico: fermate da rivedere dopo la chiusura del ponte",
        "La chiusura del ponte allunga di 25 minuti il percorso di 140 studenti. Chiediamo due fermate provvisorie.",
        "discussion",
        15,
        "L'agenzia della mobilità è disponibile da lunedì. Serve la verifica di sicurezza delle due aree.",
        "",
        "Verificare la sicurezza delle due aree di fermata",
        7,
    ),
    Matter(
        "Bando regionale per l'efficienza energetica degli edifici scolastici",
        "Scadenza a fine mese. L'ufficio presenta i requisiti e il calendario delle domande.",
        "information",
        10,
        "L'ufficio offre un incontro tecnico per i Comuni sotto i 1.000 abitanti.",
    ),
    Matter(
        "Convenzione per lo sportello digitale itinerante",
        "Un furgone attrezzato, un giorno ogni due settimane per Comune: identità digitale, prenotazioni, bonus.\n\n"
        "Costo stimato: *0,80 € per abitante*.",
        "decision",
        20,
        "Diversi Comuni piccoli chiedono una quota minima ridotta. Proposta accolta: 0,50 € sotto i 500 abitanti.",
        "È approvata la convenzione per lo sportello digitale itinerante, con quota ridotta a 0,50 € sotto i 500 abitanti.",
        "Trasmettere la convenzione firmata",
        21,
    ),
    Matter(
        "Raccolta differenziata: giorni festivi di dicembre",
        "Proposta di calendario unico per zona, da pubblicare entro il 25 novembre.",
        "discussion",
        10,
        "Il calendario unico è condiviso; resta da definire il recupero del 26 dicembre.",
        "",
        "Pubblicare il calendario delle festività",
        12,
    ),
    Matter(
        "Segretari comunali: sedi vacanti e reggenze",
        "Settantadue sedi sono vacanti. Si chiede una posizione comune verso la Prefettura.",
        "decision",
        15,
        "Si concorda una lettera comune, con l'elenco delle sedi e i giorni di reggenza.",
        "La Città metropolitana scrive alla Prefettura a nome dei Comuni per la copertura delle sedi vacanti.",
        "Preparare la lettera alla Prefettura",
        5,
    ),
    Matter(
        "Allerta meteo: prova del sistema di avviso ai cittadini",
        "Prova congiunta il primo sabato del mese, ore 10. Istruzioni in allegato.",
        "information",
        10,
        "La prova si svolge in tutte le zone; i Comuni comunicano il referente.",
    ),
    Matter(
        "Case della comunità: orari e servizi di prossimità",
        "Confronto sugli orari di apertura nelle aree interne, dopo l'incontro con le aziende sanitarie.",
        "discussion",
        20,
        "Le aree interne chiedono almeno un pomeriggio alla settimana. L'assessorato risponde entro il mese.",
        "",
        "Raccogliere le richieste di orario della zona",
        15,
    ),
    Matter(
        "Piste ciclabili: priorità per il piano triennale",
        "Ogni zona indica fino a tre tratti. Serve una decisione prima del bilancio.",
        "decision",
        20,
        "Le zone presentano i tratti; Torino cede una priorità al collegamento con la collina.",
        "Sono approvate le priorità di zona per il piano triennale delle piste ciclabili.",
        "Inviare le schede dei tratti prioritari",
        20,
    ),
    Matter(
        "Lupi e allevamenti: misure di prevenzione",
        "Dopo gli ultimi episodi in valle chiediamo un punto sulle recinzioni e sugli indennizzi.",
        "discussion",
        15,
        "La Regione conferma i fondi per le recinzioni. Si chiede un modulo più semplice.",
        "",
        "Proporre un modulo semplificato per gli indennizzi",
        18,
    ),
    Matter(
        "Protezione civile: gruppi intercomunali",
        "Bozza di regolamento tipo per i gruppi intercomunali di volontari.",
        "decision",
        15,
        "La bozza è condivisa con una modifica sull'assicurazione dei volontari.",
        "È approvato il regolamento tipo dei gruppi intercomunali di protezione civile.",
        "Adottare il regolamento tipo in Consiglio",
        40,
    ),
    Matter(
        "Archivio digitale delle pratiche edilizie",
        "Esperienza del nostro Comune: 40.000 pratiche in due anni. Offriamo il capitolato a chi vuole partire.",
        "information",
        10,
        "Diciotto Comuni chiedono il capitolato.",
    ),
)

FIRST_NAMES = (  # noqa: SIM905 - a list of words reads better as words
    "Alessandra Andrea Anna Antonella Bruno Carla Chiara Claudio Cristina Daniele Davide Elena Emanuela Enrico Fabio Federica Francesca "
    "Franco Gabriella Gianluca Giorgio Giovanna Giulia Ivana Laura Loredana Luca Lucia Manuela Marco Maria Marta Massimo Mauro Michela "
    "Monica Nadia Ornella Paolo Patrizia Piero Renato Roberta Sandro Sara Silvia Simona Stefano Tiziana Valter Vanda Vittorio"
).split()
LAST_NAMES = (  # noqa: SIM905
    "Actis Alloatti Arduino Audisio Balma Barberis Bertolino Bianco Boero Bosio Bruno Cagliero Casale Castagno Cavallo Cerutti Chiaberge "
    "Coha Cravero Dalmasso Davico Ferrero Fornero Gallo Garino Ghigo Giacoletto Giordano Giraudo Gribaudo Ivaldi Lanza Marchisio Martin "
    "Massa Merlo Milanesio Molinero Negro Oddone Pautasso Peiretti Perotti Pettinati Piovano Ponsero Ravera Rolando Rosso Sandrone "
    "Savio Tesio Tosco Vaschetto Vercelli Vigna Viola Zanella"
).split()
REASONS = ("Impegno istituzionale concomitante", "Consiglio comunale", "Visita medica", "Sopralluogo urgente")
