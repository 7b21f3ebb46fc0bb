"""How video services name the columns of an attendance report, in three languages: without case, accents and what stands in brackets.

Within a list, the word that means it best comes first.
"""

from collections.abc import Mapping, Sequence


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(","))


Words = Sequence[str]
ByLanguage = Mapping[str, Words]

NAMES: Words = _words(
    "name, full name, user name, display name, participant, participant name, attendee, nome, nome completo, nome e cognome, nome utente, "
    "nome visualizzato, partecipante, nom, nom complet, nom et prenom, nom d utilisateur, utilisateur, nom du participant"
)
EMAILS: Words = _words(
    "email, e mail, user email, email address, e mail address, indirizzo e mail, indirizzo email, e mail utente, posta elettronica, "
    "indirizzo di posta elettronica, adresse e mail, adresse email, courriel, participant id, id partecipante, id du participant"
)
WAITING: Words = _words("in waiting room, in sala d attesa, sala d attesa, en salle d attente, dans la salle d attente")
JOINED: ByLanguage = {
    "en": _words("join time, joined, joined at, time joined"),
    "it": _words(
        "ora accesso, ora di accesso, ora ingresso, ora di ingresso, ora d ingresso, orario di ingresso, orario di accesso, "
        "ora di entrata, entrata, ora di partecipazione, ora di adesione, ora di inizio, accesso"
    ),
    "fr": _words(
        "heure d arrivee, heure d acces, heure de connexion, heure d entree, heure de participation, heure de jonction, heure d adhesion, "
        "heure de debut, arrivee"
    ),
}
LEFT: ByLanguage = {
    "en": _words("leave time, left, left at, time left"),
    "it": _words(
        "ora uscita, ora di uscita, orario di uscita, ora abbandono, ora di abbandono, ora di disconnessione, ora di fine, uscita"
    ),
    "fr": _words("heure de depart, heure de sortie, heure de deconnexion, heure de fin, depart, sortie"),
}
FIRST_JOINED: ByLanguage = {
    "en": _words("first join, first join time"),
    "it": _words("primo accesso, primo ingresso, prima entrata"),
    "fr": _words("premiere connexion, premiere arrivee, premiere participation, premier acces"),
}
LAST_LEFT: ByLanguage = {
    "en": _words("last leave, last leave time"),
    "it": _words("ultima uscita, ultimo abbandono, ultima disconnessione"),
    "fr": _words("derniere deconnexion, derniere sortie, dernier depart"),
}
YES: Words = _words("yes, si, oui, true")
