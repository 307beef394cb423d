"""Names as people of the two towns bear them: made up here, put together at random.

A family is a list of given names for women, one for men, one of surnames, and how they are joined.
"""

from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, slots=True)
class Family:
    """weight is how common the naming is; women and men say how {given} and {last} are joined."""

    weight: int
    given_women: tuple[str, ...]
    given_men: tuple[str, ...]
    last: tuple[str, ...]
    women: str = "{given} {last}"
    men: str = "{given} {last}"

    def draw(self, rng: Random, gender: str) -> str:
        woman = gender == "female"
        given = rng.choice(self.given_women if woman else self.given_men)
        return (self.women if woman else self.men).format(given=given, last=rng.choice(self.last))


def words(text: str) -> tuple[str, ...]:
    """Names of a block of text, divided by commas."""
    return tuple(" ".join(name.split()) for name in text.split(","))


CHINESE = Family(
    10,
    words("""Hui Ling, Xin Yi, Siew Lan, Jia Hui, Pei Shan, Mei Fong, Wan Ting, Li Na, Shu Fen,
        Yen Ling, Rui En, Bee Hoon, Kai Xin, Su Yin, Hwee Leng"""),
    words("""Wei Ming, Jun Jie, Kok Wah, Zhi Hao, Boon Keng, Yong Sheng, Chee Meng, Kah Wai,
        Ze Kai, Teck Soon, Jia Jun, Swee Huat, Guan Hong, Ming Xuan, Yi Kai"""),
    words("""Tan, Lim, Lee, Ng, Ong, Wong, Goh, Chua, Chan, Koh, Teo, Ang, Yeo, Tay, Ho, Low, Sim,
        Toh, Chong, Seah, Quek, Phua, Neo, Foo"""),
    women="{last} {given}",
    men="{last} {given}",
)
MALAY = Family(
    5,
    words("""Nur Aisyah, Siti Rahmah, Nadiah, Fatin Syahirah, Haslinda, Nurul Ain, Rohana, Zarina,
        Aminah, Liyana"""),
    words("""Ahmad Faizal, Muhammad Irfan, Hafiz, Azman, Ridzuan, Khairul Anwar, Zulkifli, Iskandar,
        Firdaus, Yusof"""),
    words("""Osman, Abdul Rahman, Ismail, Hamid, Salleh, Jumaat, Mohd Noor, Bakar, Yahya, Tahir"""),
    women="{given} binte {last}",
    men="{given} bin {last}",
)
TAMIL = Family(
    2,
    words("Kalaivani, Meenakshi, Shanti, Thenmozhi, Vasantha, Deepa, Revathi, Malathi"),
    words("Ganesan, Suresh, Murugan, Prakash, Arumugam, Vignesh, Selvam, Dinesh"),
    words("Subramaniam, Muthusamy, Pillai, Velu, Rajendran, Govindasamy, Perumal"),
    women="{given} d/o {last}",
    men="{given} s/o {last}",
)
INDIAN = Family(
    2,
    words("Priya, Anjali, Lakshmi, Sunita, Divya, Meera, Kavya, Nandini"),
    words("Arjun, Vikram, Ravi, Sanjay, Karthik, Anand, Rohan, Naveen"),
    words("Nair, Menon, Iyer, Sharma, Patel, Reddy, Chatterjee, Kaur Gill, Singh"),
)
EURASIAN = Family(
    1,
    words("Denise, Bernadette, Clarissa, Yvette, Rosalind, Germaine"),
    words("Marcus, Lionel, Desmond, Gerard, Adrian, Terence"),
    words("D'Souza, Pereira, de Cruz, Oliveiro, Aeria, Shepherdson, Monteiro"),
)

BRITISH = Family(
    9,
    words("""Charlotte, Amelia, Eleanor, Beatrice, Imogen, Margaret, Joan, Phoebe, Rosie, Freya,
        Gwen, Hazel, Patricia, Dorothy, Matilda"""),
    words("""George, Alfie, Thomas, Rupert, Kenneth, Barnaby, Stanley, Hugh, Declan, Rory, Lewis,
        Fergus, Dylan, Arthur, Neville"""),
    words("""Whitfield, Ashworth, Marsh, Pemberton, Sutcliffe, Fairbairn, Tully, Hollis, Lockwood,
        Mercer, Quayle, Rowbotham, Thistlewood, Penhaligon, O'Connor, MacLeod, Fitzgerald,
        Llewellyn, Smith-Barrington, Nightingale"""),
)
SOUTH_ASIAN = Family(
    4,
    words("Ayesha, Fatima, Sana, Rukhsana, Nasreen, Jaspreet, Harleen, Shabnam, Tahmina"),
    words("Imran, Bilal, Tariq, Gurdeep, Harjit, Kabir, Rashid, Faisal, Shahid"),
    words("Hussain, Begum, Chowdhury, Mirza, Sandhu, Dhillon, Qureshi, Rahman, Malik"),
)
AFRICAN = Family(
    4,
    words("Adaeze, Folasade, Abena, Chiamaka, Wanjiru, Efua, Ngozi, Zainab"),
    words("Kwame, Chinedu, Babatunde, Kofi, Emeka, Tendai, Oluwaseun, Yaw"),
    words("Okonkwo, Mensah, Adeyemi, Boateng, Mwangi, Nwosu, Asante, Ogunleye, Moyo"),
)
POLISH_WOMEN = words("Katarzyna, Małgorzata, Zofia, Łucja, Grażyna, Bożena")
POLISH_MEN = words("Paweł, Łukasz, Grzegorz, Michał, Stanisław, Krzysztof")
POLISH = Family(2, POLISH_WOMEN, POLISH_MEN, words("Nowak, Dąbrek, Wróbel, Mazur, Ślusarczyk, Żak"))
EUROPEAN = Family(
    2,
    words("Zoë, Renée, Inês, Søren-Marie, Françoise, Jürgen-Anke, Sólveig, Ilse, Núria"),
    words("José, René, Jürgen, Håkon, François, Søren, João, Björn, Iñaki"),
    words(
        "Müller, Núñez, García-Lorente, Østergaard, Fernández, Gonçalves, Weiß, Lefèvre, Ağaoğlu"
    ),
)

FAMILIES = {
    "GFC-TP": (CHINESE, MALAY, TAMIL, INDIAN, EURASIAN),
    "GFC-LDN": (BRITISH, SOUTH_ASIAN, AFRICAN, POLISH, EUROPEAN),
}
# What forms and columns get wrong: one word, many words, marks, a namesake, the shortest.
SPECIAL = {
    "GFC-TP": (
        ("Suparman", "male"),
        ("Rajeswari", "female"),
        ("Wei", "male"),
        ("Ng O", "female"),
        ("Tan Wei Ming", "male"),
        ("Tan Wei Ming", "male"),
        ("Đặng Thị Ánh Nguyệt", "female"),
        ("Muhammad Khairul Anwar Hakim bin Syed Abdul Rahman Al-Haddad", "male"),
        ("Maria Concepción de los Ángeles Villanueva-Santillán", "female"),
        ("Venkata Subrahmanya Satyanarayana Lakshminarasimhan", "male"),
        ("Saw Ba U", "male"),
        ("O'Hara-Tan Siew Choo", "female"),
    ),
    "GFC-LDN": (
        ("Hermione", "female"),
        ("Thiruvananthan", "male"),
        ("Bo", "male"),
        ("Al Ng", "male"),
        ("Grace Adeyemi", "female"),
        ("Grace Adeyemi", "female"),
        ("Caoimhe Ní Dhomhnaill", "female"),
        ("Sir Peregrine Algernon Featherstonehaugh-Cholmondeley of Stoke Poges", "male"),
        ("María del Carmen Rodríguez y Álvarez de Sotomayor", "female"),
        ("Þórður Guðmundsson", "male"),
        ("Nguyễn Văn Đức", "male"),
        ("Zuzanna Brzęczyszczykiewicz-Chrząszcz", "female"),
    ),
}


def people(code: str, count: int, rng: Random) -> list[tuple[str, str]]:
    """count (full name, gender) of the clinic's town, the special ones scattered among them."""
    families = FAMILIES[code]
    weights = [family.weight for family in families]
    found = list(SPECIAL[code])
    while len(found) < count:
        gender = rng.choice(("female", "male"))
        family = rng.choices(families, weights)[0]
        found.append((family.draw(rng, gender), gender))
    rng.shuffle(found)
    return found
