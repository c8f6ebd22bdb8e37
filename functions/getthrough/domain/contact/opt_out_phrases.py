"""The words with which customers end and restart messages, by language. Pure data; `opt_out_words` reads it.

Sources: for English the CTIA's guidelines and the FCC's rule on revoking consent (47 CFR 64.1200), for French what
Canadian carriers require; the other languages have what senders there offer beside STOP. "Stop promotions" is the label
of Meta's opt-out button.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """Phrases without accents, with commas between them. Those of `stop` end messages, alone or followed by `objects`.
    Those of `stop_alone` have other everyday meanings (cancel an order), so they count only as the whole message; so do
    those of `start`, and those of `help`, which ask who is sending. `courtesy` may stand anywhere around them."""

    stop: str
    stop_alone: str = ""
    start: str
    help: str
    objects: str
    courtesy: str


LANGUAGES: Mapping[str, Language] = MappingProxyType(
    {
        "en": Language(
            stop="""
                stop, stopall, unsubscribe, unsub, opt out, optout, opt me out, unsubscribe me, no more messages, no
                more texts, no more sms, no more emails, no more spam, do not text, dont text, don t text, do not
                message, dont message, don t message, do not contact, dont contact, don t contact, never text, never
                contact, never message, remove me, remove my number, remove my phone number, delete my number, i want to
                unsubscribe, i want to opt out, i d like to unsubscribe, i would like to unsubscribe, i want to stop, i
                d like to opt out, i would like to opt out, i wish to opt out, how do i unsubscribe, how to unsubscribe,
                how do i opt out, leave me alone, do not send me, dont send me, don t send me, do not send any more,
                dont send any more, don t send any more, take me off your list, take me off this list, take me off the
                list, i do not want any more messages, i do not want any more texts, i dont want any more messages, i
                dont want any more texts, i don t want any more messages, i don t want any more texts, i no longer want
                to receive
            """,
            stop_alone="cancel, end, quit, remove, revoke, td",
            start="start, unstop, opt in, optin, subscribe, resubscribe",
            help="help, info, information",
            objects="""
                all, everything, the, these, those, your, this, any, more, of, me, from, to, message, messages, msg,
                msgs, text, texts, sms, mms, whatsapp, whatsapps, email, emails, spam, mails, notifications,
                notification, alerts, updates, reminders, promo, promos, promotion, promotions, promotional,
                marketing, ads, adverts, offers, newsletter, texting, messaging, sending, contacting, emailing,
                spamming, bothering, writing, anymore, again, ever, list, mailing list, this list, your list,
                number, phone, anything, subscription, service, communications, communication, on my phone, to this
                number
            """,
            courtesy="""
                please, pls, plz, thanks, thank you, thank u, thx, ty, cheers, hi, hello, hey, now, immediately, at
                once, right now, asap, today, sorry, kindly, ok, okay, just, sir, madam, regards, kind regards, many
                thanks, thanks a lot, thank you very much, would you, could you, can you, will you, wrong number, wrong
                person, please and thank you
            """,
        ),
        "fr": Language(
            stop="""
                arret, arreter, arretez, desabonner, desabonnez moi, desabonnement, desinscrire, desinscrivez moi,
                desinscription, me desabonner, me desinscrire, plus de messages, plus de sms, ne m envoyez plus, ne
                m ecrivez plus, ne me contactez plus, retirez moi, supprimez mon numero, je veux me desabonner, je
                souhaite me desabonner, je voudrais me desabonner
            """,
            start="debut, abonner, reabonner",
            help="aide, info, infos",
            objects="""
                de, des, d, les, le, la, vos, votre, ces, mes, tous, tout, toute, toutes, m, envoyer, message,
                messages, sms, textos, pub, pubs, publicite, publicites, promotions, promo, promos, offres,
                notifications, mails, emails, spam, liste, rien, ecrire, moi, me, contacter, l envoi, envoi, envois,
                a, numero, ce, newsletter
            """,
            courtesy="""
                merci, s il vous plait, svp, stp, s il te plait, bonjour, bonsoir, merci beaucoup, merci d avance,
                maintenant, tout de suite, immediatement, cordialement, mauvais numero, erreur de numero
            """,
        ),
        "de": Language(
            stop="""
                stopp, stoppen, abmelden, abmeldung, abbestellen, austragen, keine nachrichten mehr, keine sms mehr,
                keine werbung mehr, keine weiteren nachrichten, nicht mehr schreiben, bitte nicht mehr schreiben,
                schreiben sie mir nicht mehr, bitte abmelden, melden sie mich ab, ich mochte mich abmelden, ich will
                mich abmelden, loschen sie meine nummer, meine nummer loschen
            """,
            start="anmelden",
            help="hilfe, info",
            objects="""
                alle, alles, die, der, das, diese, ihre, eure, von, mich, mir, nachricht, nachrichten, sms, werbung,
                newsletter, angebote, benachrichtigungen, mails, emails, spam, aus, liste, verteiler, ihrer, ihrem,
                mehr, senden, schicken, werbesms
            """,
            courtesy="""
                bitte, danke, vielen dank, danke schon, hallo, guten tag, sofort, jetzt, mfg, mit freundlichen grussen,
                besten dank, liebe grusse, ab sofort, falsche nummer
            """,
        ),
        "es": Language(
            stop="""
                darme de baja, dar de baja, deme de baja, denme de baja, dame de baja, no mas mensajes, no mas sms,
                no me envien mas, no me envie mas, no me escriban mas, no me escriba mas, no quiero mas mensajes, no
                quiero recibir mas mensajes, no me contacten mas, quiero darme de baja, eliminen mi numero, borren
                mi numero, cancelar suscripcion, dejen de enviarme, dejen de escribirme
            """,
            stop_alone="alto, baja, parar, cancelar",
            start="alta, iniciar",
            help="ayuda, info, informacion",
            objects="""
                mensajes, mensaje, sms, los, las, el, la, de, su, sus, estos, lista, promociones, publicidad,
                ofertas, notificaciones, correos, spam, todo, todos, nada, me, mas
            """,
            courtesy="""
                por favor, porfavor, gracias, muchas gracias, hola, buenos dias, buenas, ya, ahora, inmediatamente,
                saludos, un saludo, numero equivocado
            """,
        ),
        "pt": Language(
            stop="""
                descadastrar, me descadastre, cancelar inscricao, nao quero mais mensagens, sem mais mensagens, nao me
                envie mais, nao me enviem mais, nao me mande mais, nao quero receber mensagens, nao quero mais receber
                mensagens, remover meu numero, remova meu numero, parem de enviar, pare de enviar, pare de me enviar,
                parem de me enviar, pare de mandar, me tire da lista, me tirem da lista
            """,
            stop_alone="pare, parar, sair, cancelar",
            start="iniciar, comecar",
            help="ajuda, info, informacoes",
            objects="""
                mensagens, mensagem, sms, as, os, a, o, de, da, sua, suas, essas, estas, lista, promocoes,
                publicidade, propaganda, ofertas, notificacoes, emails, spam, todas, tudo, me, mais, nada
            """,
            courtesy="""
                por favor, obrigado, obrigada, muito obrigado, muito obrigada, ola, oi, bom dia, agora, ja,
                imediatamente, pf, pfv, numero errado
            """,
        ),
        "it": Language(
            stop="""
                cancellami, disiscrivi, disiscrivimi, disiscrivermi, disiscrizione, basta messaggi, basta sms, non
                voglio piu messaggi, niente piu messaggi, non inviatemi piu, non scrivetemi piu, non mi scrivete piu,
                non contattatemi piu, voglio disiscrivermi, vorrei disiscrivermi, rimuovete il mio numero, cancellate il
                mio numero, smettete di scrivermi, basta pubblicita, annulla iscrizione, annulla l iscrizione, annullare
                l iscrizione
            """,
            stop_alone="basta",
            start="inizia, iscrivi",
            help="aiuto, info, informazioni",
            objects="""
                messaggi, messaggio, sms, i, gli, le, la, il, di, dalla, vostra, vostri, questi, lista, promozioni,
                pubblicita, offerte, notifiche, email, spam, tutto, tutti, me, mi, niente, piu, inviarmi
            """,
            courtesy="""
                per favore, per cortesia, grazie, grazie mille, ciao, salve, buongiorno, subito, ora, adesso, cordiali
                saluti, saluti, perfavore, numero sbagliato
            """,
        ),
        "nl": Language(
            stop="""
                afmelden, uitschrijven, stoppen met berichten, geen berichten meer, geen sms meer, geen reclame meer,
                stuur me geen berichten meer, stuur mij geen berichten meer, schrijf me uit, meld me af, ik wil me
                afmelden, ik wil mij afmelden, ik wil me uitschrijven, verwijder mijn nummer, niet meer sturen, niet
                meer berichten, stop met sms en, stop met smsen, stop met berichten, stop met sturen
            """,
            stop_alone="stoppen",
            start="aanmelden, starten",
            help="hulp, info",
            objects="""
                alle, alles, de, het, deze, die, jullie, uw, met, van, me, mij, bericht, berichten, sms, smsjes,
                reclame, aanbiedingen, meldingen, mails, emails, spam, lijst, sturen, meer
            """,
            courtesy="""
                alstublieft, alsjeblieft, aub, svp, bedankt, dank u, dank je, dank u wel, dankjewel, hallo, hoi, nu,
                meteen, direct, graag, alvast bedankt, mvg, groeten, verkeerd nummer
            """,
        ),
        "sv": Language(
            stop="""
                stopp, stoppa, avregistrera, avregistrera mig, avanmal, avanmal mig, inga fler meddelanden, inga
                fler sms, skicka inte fler, sluta skicka, sluta messa, sluta smsa, ta bort mitt nummer, ta bort mig,
                jag vill avregistrera mig, ingen mer reklam
            """,
            stop_alone="sluta, avsluta",
            start="starta",
            help="hjalp, info",
            objects="""
                alla, allt, de, dessa, era, mig, till, fran, er, meddelande, meddelanden, sms, reklam, erbjudanden,
                notiser, mejl, spam, listan, mer, nagot
            """,
            courtesy="tack, tack sa mycket, snalla, hej, nu, genast, omedelbart, mvh, vanligen, fel nummer",
        ),
        "da": Language(
            stop="""
                afmeld, afmeld mig, frameld, frameld mig, ikke flere beskeder, ikke flere sms er, ingen flere beskeder,
                stop med at skrive, stop med at sende, slet mit nummer, fjern mit nummer, jeg vil gerne afmeldes, ikke
                mere reklame, ikke flere sms, ikke flere smser, framelding, afmelding
            """,
            start="tilmeld",
            help="hjaelp, info",
            objects="""
                alle, alt, de, disse, jeres, mig, til, fra, besked, beskeder, sms, smser, reklamer, reklame, tilbud,
                notifikationer, mails, spam, listen, mere
            """,
            courtesy="tak, mange tak, venligst, hej, nu, straks, mvh, pa forhand tak, forkert nummer",
        ),
        "no": Language(
            stop="""
                stopp, avmeld, avmeld meg, meld meg av, ingen flere meldinger, ikke flere meldinger, ikke send flere,
                ikke mer reklame, slutt a sende, slett nummeret mitt, fjern nummeret mitt, jeg vil melde meg av, ikke
                flere sms, avmelding
            """,
            stop_alone="avslutt",
            start="pameld",
            help="hjelp, info",
            objects="""
                alle, alt, de, disse, deres, meg, til, fra, melding, meldinger, sms, reklame, tilbud, varsler,
                mailer, spam, listen, mer
            """,
            courtesy="takk, tusen takk, vennligst, hei, na, straks, mvh, pa forhand takk, feil nummer",
        ),
        "fi": Language(
            stop="""
                lopeta, lopettakaa, peruuta tilaus, ei enaa viesteja, ala laheta enaa, alkaa lahettako enaa, poista
                numeroni, en halua viesteja, en halua enaa viesteja
            """,
            start="aloita",
            help="apua, ohje, info",
            objects="kaikki, viestit, viesteja, viesti, mainokset, mainoksia, minulle, tekstiviestit, nama",
            courtesy="kiitos, kiitoksia, hei, moi, heti, nyt, ystavallisesti, ole hyva, vaara numero",
        ),
        "pl": Language(
            stop="""
                rezygnuje, wypisz, wypisz mnie, wypisac, wiecej nie pisac, prosze nie pisac, nie wysylajcie wiecej, nie
                pisac wiecej, zadnych wiadomosci, usuncie moj numer, usun moj numer, prosze nie wysylac, chce sie
                wypisac, koniec wiadomosci, nie chce wiecej sms, nie chce wiecej smsow, nie chce wiecej wiadomosci, nie
                chce wiadomosci
            """,
            start="zapisz",
            help="pomoc, info, informacje",
            objects="""
                z, wszystko, wszystkie, te, mnie, mi, do, wiadomosci, wiadomosc, sms, smsy, smsow, reklamy, reklam,
                ofert, oferty, powiadomien, powiadomienia, spam, listy, wiecej, mailing
            """,
            courtesy="prosze, dziekuje, dzieki, witam, dzien dobry, teraz, natychmiast, pozdrawiam, zly numer",
        ),
        "cs": Language(
            stop="""
                odhlasit, odhlaste me, chci se odhlasit, zadne zpravy, uz mi nepiste, nepiste mi, neposilejte mi, smazte
                moje cislo, prosim neposilat, uz neposilejte, konec zprav, nechci zpravy, nechci dalsi zpravy, nechci
                sms, nechci zadne zpravy
            """,
            start="prihlasit",
            help="pomoc, napoveda, info",
            objects="""
                vse, vsechny, tyto, me, mi, z, zpravy, zprava, zprav, sms, smsky, reklamu, reklamy, nabidky,
                upozorneni, spam, odber, odberu, seznamu, uz, dalsi
            """,
            courtesy="prosim, dekuji, dekuju, diky, dobry den, ahoj, hned, ihned, ted, s pozdravem, spatne cislo",
        ),
        "tr": Language(
            stop="""
                mesaj gondermeyin, mesaj atmayin, bana mesaj atmayin, bana mesaj gondermeyin, mesaj
                istemiyorum, sms istemiyorum, abonelikten cik, listeden cikar, numarami silin, listeden cikarin,
                reklam istemiyorum
            """,
            stop_alone="iptal, ret, durdur",
            start="baslat",
            help="yardim, bilgi",
            objects="et, edin, tum, mesajlari, mesajlar, mesaj, smsleri, sms, artik, beni, bir daha, tumu",
            courtesy="lutfen, tesekkurler, tesekkur ederim, merhaba, simdi, hemen, sagol, selam, yanlis numara",
        ),
    }
)

SIGNATURES = """
    sent from, get outlook, sent via, sent with, sent using, envoye de, envoye depuis, obtenir outlook, von meinem,
    gesendet von, gesendet mit, enviado desde, enviado do, enviado a partir, enviado de, inviato da, verstuurd
    vanaf, verzonden vanaf, skickat fran, sendt fra, lahetetty, wyslane z, odeslano z, iphone umdan, android
    cihazimdan, original message, on behalf of
"""
"""How the lines begin that a phone or a mail program adds below a message; with commas between them."""
