"""Public mail providers: which domains they have, and which of their addresses are one mailbox.

A rule is only here if the provider documents it. Where nothing is known, two local parts are two
mailboxes.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, kw_only=True)
class Rule:
    """How a provider maps many addresses to one mailbox, beside what follows a plus.

    Addresses of all its domains become addresses of `domain`. The characters in `ignored` make no
    difference, and those in `alike` make none between each other. With `subdomains`, mail to any
    name at a subdomain goes to the mailbox of the subdomain's name. Without `tags`, what follows a
    plus makes another mailbox.
    """

    domain: str
    ignored: str = ""
    alike: str = ""
    subdomains: bool = False
    tags: bool = True


_GMAIL: Final = Rule(domain="gmail.com", ignored=".")
_PROTON: Final = Rule(domain="proton.me", ignored=".-_")
_YANDEX: Final = Rule(domain="yandex.ru", alike=".-")
_ICLOUD: Final = Rule(domain="icloud.com")

_YANDEX_DOMAINS: Final = (
    "yandex.ru ya.ru narod.ru yandex.by yandex.com yandex.kz yandex.ua yandex.az yandex.co.il "
    "yandex.com.am yandex.com.ge yandex.com.tr yandex.ee yandex.fr yandex.kg yandex.lt yandex.lv "
    "yandex.md yandex.tj yandex.tm yandex.uz"
)

RULES: Final = {
    "gmail.com": _GMAIL,
    "googlemail.com": _GMAIL,
    "proton.me": _PROTON,
    "protonmail.com": _PROTON,
    "protonmail.ch": _PROTON,
    "pm.me": _PROTON,
    **dict.fromkeys(_YANDEX_DOMAINS.split(), _YANDEX),
    "icloud.com": _ICLOUD,
    "me.com": _ICLOUD,
    "mac.com": _ICLOUD,
    "fastmail.com": Rule(domain="fastmail.com", subdomains=True),
    "fastmail.fm": Rule(domain="fastmail.fm", subdomains=True),
    # Amazon's simulator plays a mailbox for each tag, for tests of what is deployed.
    "simulator.amazonses.com": Rule(domain="simulator.amazonses.com", tags=False),
}
"""A rule for each domain that has one."""

_PUBLIC: Final = (
    # International
    "aol.com hushmail.com mail.com email.com zoho.com zohomail.com zohomail.eu hey.com "
    "outlook.com hotmail.com live.com msn.com passport.com windowslive.com yahoo.com ymail.com "
    "rocketmail.com myyahoo.com tutanota.com tutanota.de tutamail.com tuta.com tuta.io "
    "keemail.me posteo.de posteo.net posteo.eu posteo.org mailbox.org riseup.net disroot.org "
    "startmail.com mailfence.com runbox.com ctemplar.com duck.com autistici.org "
    # Microsoft and Yahoo by country
    "outlook.at outlook.be outlook.cl outlook.co.id outlook.co.il outlook.co.th outlook.com.ar "
    "outlook.com.au outlook.com.br outlook.com.gr outlook.com.tr outlook.com.vn outlook.cz "
    "outlook.de outlook.dk outlook.es outlook.fr outlook.hu outlook.ie outlook.in outlook.it "
    "outlook.jp outlook.kr outlook.lv outlook.my outlook.ph outlook.pt outlook.sa outlook.sg "
    "outlook.sk hotmail.be hotmail.ca hotmail.ch hotmail.cl hotmail.co.il hotmail.co.jp "
    "hotmail.co.nz hotmail.co.th hotmail.co.uk hotmail.com.ar hotmail.com.au hotmail.com.br "
    "hotmail.com.tr hotmail.cz hotmail.de hotmail.dk hotmail.es hotmail.fi hotmail.fr "
    "hotmail.gr hotmail.hu hotmail.it hotmail.lt hotmail.lv hotmail.nl hotmail.no hotmail.rs "
    "hotmail.se hotmail.sk live.at live.be live.ca live.ch live.cl live.cn live.co.uk "
    "live.co.za live.com.ar live.com.au live.com.mx live.com.pt live.de live.dk live.fi live.fr "
    "live.ie live.in live.it live.jp live.nl live.no live.ru live.se yahoo.at yahoo.be yahoo.ca "
    "yahoo.ch yahoo.cl yahoo.co.id yahoo.co.il yahoo.co.in yahoo.co.jp yahoo.co.nz yahoo.co.th "
    "yahoo.co.uk yahoo.co.za yahoo.com.ar yahoo.com.au yahoo.com.br yahoo.com.hk yahoo.com.mx "
    "yahoo.com.ph yahoo.com.sg yahoo.com.tr yahoo.com.tw yahoo.com.ua yahoo.com.vn yahoo.cz "
    "yahoo.de yahoo.dk yahoo.es yahoo.fi yahoo.fr yahoo.gr yahoo.hu yahoo.ie yahoo.in yahoo.it "
    "yahoo.nl yahoo.no yahoo.pl yahoo.pt yahoo.ro yahoo.se "
    # Belarus, Russia, Ukraine, Kazakhstan
    "tut.by mail.by open.by mail.ru bk.ru inbox.ru list.ru internet.ru xmail.ru rambler.ru "
    "lenta.ru autorambler.ru myrambler.ru ro.ru rambler.ua vk.com mail.ua ukr.net i.ua ua.fm "
    "email.ua bigmir.net meta.ua online.ua mail.kz "
    # Poland, Czechia, Slovakia, the Baltic states, Georgia
    "wp.pl o2.pl onet.pl onet.eu op.pl poczta.onet.pl vp.pl interia.pl interia.eu poczta.fm "
    "tlen.pl gazeta.pl go2.pl int.pl poczta.pl autograf.pl seznam.cz email.cz post.cz "
    "centrum.cz volny.cz atlas.cz azet.sk centrum.sk zoznam.sk inbox.lv inbox.lt inbox.eu "
    "one.lt takas.lt mail.ee hot.ee online.ee mail.ge posta.ge "
    # Germany, Austria, Switzerland, the Netherlands, Scandinavia
    "gmx.de gmx.net gmx.at gmx.ch gmx.com gmx.eu gmx.fr gmx.us gmx.co.uk web.de t-online.de "
    "freenet.de arcor.de 1und1.de online.de vodafone.de magenta.de aon.at a1.net bluewin.ch "
    "hispeed.ch ziggo.nl kpnmail.nl xs4all.nl telenet.be skynet.be online.no telia.com "
    "bredband.net mail.dk "
    # France, Italy, Spain, Portugal, Great Britain
    "free.fr orange.fr wanadoo.fr laposte.net sfr.fr neuf.fr bbox.fr aliceadsl.fr libero.it "
    "virgilio.it tiscali.it alice.it tin.it terra.es telefonica.net sapo.pt btinternet.com "
    "sky.com virginmedia.com talktalk.net "
    # Hungary, Romania, Bulgaria, Greece
    "freemail.hu citromail.hu abv.bg mail.bg otenet.gr "
    # America, Asia
    "comcast.net verizon.net att.net sbcglobal.net bellsouth.net cox.net charter.net rogers.com "
    "shaw.ca uol.com.br bol.com.br terra.com.br rediffmail.com qq.com 163.com 126.com "
    "foxmail.com sina.com naver.com daum.net hanmail.net "
)
LARGE: Final = frozenset([*RULES, *_PUBLIC.split()]) - {"simulator.amazonses.com"}
"""Domains where very many strangers have mailboxes: that two share one says nothing."""


def is_large(domain: str) -> bool:
    """Whether strangers share this domain (small ASCII letters) as customers of one provider."""
    return domain in LARGE


def canonical(local: str, domain: str) -> str:
    """One text for all spellings of a mailbox; both parts in small letters.

    Nearly every provider delivers name+anything to name, so what follows a plus never counts.
    """
    name, _, parent = domain.partition(".")
    if parent in RULES and RULES[parent].subdomains:
        local, domain = name, parent
    rule = RULES.get(domain, Rule(domain=domain))
    if rule.tags:
        local = local.split("+", 1)[0] or local
    for characters, replacement in ((rule.ignored, ""), (rule.alike, rule.alike[:1])):
        local = local.translate(dict.fromkeys(map(ord, characters), replacement)) or local
    return f"{local}@{rule.domain}"
