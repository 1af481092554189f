"""The word lists of `factories.fakes`: names, and for each topic what one says about it. Data only."""

from __future__ import annotations

import attrs


@attrs.frozen
class Topic:
    """What people who care for one thing say: who they are, about what, how, and under which tags."""

    roles: tuple[str, ...]
    things: tuple[str, ...]
    lines: tuple[str, ...]
    tags: tuple[str, ...]


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.strip().splitlines())


FIRST_NAMES = _words("""
    Ada Aisha Alejandro Amara Amir Ana Anika Anton Ayumi Ben Bilal Carla Carlos Chloe Chidi Daniel Daria
    Diego Elena Elif Emeka Emma Erik Fatima Felix Finn Freya Gabriel Giulia Grace Hana Hugo Ida Imani
    Ingrid Isla Ivan Jack Jasmin Jonas Julia Kai Karim Kenji Lars Layla Leo Lina Linh Lucas Lucia Luna
    Maja Malik Marco Maria Mateo Maya Mei Mia Mika Milan Mina Nadia Naomi Nia Niko Nina Noah Nora Olga
    Oliver Omar Oscar Pablo Paula Petra Priya Rafael Rania Ravi Rosa Ruben Sam Sana Sara Sofia Stefan Sven
    Tariq Tessa Theo Tomas Uma Vera Victor Wei Yara Yusuf Zoe""")

LAST_NAMES = _words("""
    Abebe Adeyemi Ahmed Almeida Andersen Bakker Bauer Becker Bianchi Brown Cardoso Castro Chen Cohen Costa
    Cruz Dang Diallo Dubois Eriksen Evans Fernandez Fischer Fontaine Garcia Gupta Haddad Hansen Hernandez
    Hoffmann Hughes Ibrahim Ivanova Jansen Johnson Kaya Keller Khan Kim Kowalski Kumar Larsen Laurent Lee
    Lindqvist Lopez Martin Mbeki Meyer Moreau Morales Murphy Nakamura Nguyen Novak Nowak Okafor Okoye
    Olsen Ortiz Osei Park Patel Peeters Pereira Petrov Popescu Ramos Reyes Ricci Rossi Russo Saito Santos
    Sato Schmidt Schneider Sharma Silva Singh Smith Sokolov Suzuki Tanaka Taylor Torres Tran Turner Vargas
    Virtanen Wagner Walker Wang Weber Williams Wilson Yamamoto Yilmaz Zhang""")

USERNAME_WORDS = _words("""
    outside daily bakes runs codes travels cooks reads draws plays hikes sails grows makes writes rides
    climbs films sings paints knits brews roasts wanders notes diary journal studio kitchen garden trails
    tracks frames pixels words loops loom forge corner attic harbor valley north south coast river ridge
    moon sun rain snow fox owl wren finch maple cedar olive mint sage basil pepper honey salt ember copper
    indigo""")

EMAIL_DOMAINS = ("example.com", "example.net", "example.org")

PLACES = _lines("""
    Lisbon
    Oslo
    Kyoto
    Mexico City
    Cape Town
    Berlin
    Montreal
    Hanoi
    Porto
    Nairobi
    Buenos Aires
    Krakow
    Melbourne
    Accra
    Istanbul
    Vancouver
    Ljubljana
    Seville
    Tbilisi
    Valparaiso
    Edinburgh
    Taipei
    the coast
    the mountains
    my hometown
    the old town""")

TIMES = _lines("""
    this morning
    tonight
    last weekend
    on a rainy Tuesday
    after work
    before sunrise
    yesterday
    over the holidays
    on my day off
    for the first time
    with old friends
    all by myself""")

EMOJI = ("✨", "🔥", "😍", "🙌", "💛", "🌿", "😂", "👏", "🎉", "☀️", "🤍", "😊")

ENDINGS = _lines("""
    Worth every minute.
    Who is in next time?
    More soon.
    Still smiling.
    Ask me anything.
    Would do it again tomorrow.
    No filter needed.
    Tell me your favourite below.
    Small things.
    I needed this.
    Notes in the comments.
    What should I try next?
    Took me three attempts.
    Save this for later.
    Thank you to everybody who came along.""")

BIOS = _lines("""
    {role} in {place}. Mostly {thing}.
    {role}. Posts about {thing} and other small joys.
    {thing}, coffee and long walks. {place}.
    Learning as I go. {role} from {place}.
    Just here for {thing}.
    {role} by day, {thing} by night.
    Part-time {role}, full-time fan of {thing}.
    {place} based. Talk to me about {thing}.
    Collecting moments and {thing}.
    {role}. Opinions and {thing} are my own.""")

COMMENTS = _lines("""
    Love this!
    The {thing} look so good.
    Okay, now I want to try {thing} too.
    Where was this?
    This made my day.
    Saving this for the weekend.
    How long did that take you?
    You make it look easy.
    {name} you have to see this!
    We should do this together some time.
    Best post of the week.
    I never got the hang of {thing}. Any tips?
    So happy for you.
    That light though.
    Same here, every single time.
    Take me with you next time!
    More {thing}, please.
    Absolutely stunning.
    Was thinking of exactly this yesterday.
    Could you share how you did it?
    Not me looking at this for ten minutes.
    This is what I needed today.
    {name} remember when we tried {thing}?
    Respect. That is a lot of work.
    Wait, is that real?
    You never miss.
    My kids would go crazy for {thing}.
    Bookmarked.
    Hard agree.
    Beautiful, as always.""")

TOPICS = {
    "food": Topic(
        roles=("Home cook", "Baker", "Food writer", "Pasta person", "Street food hunter"),
        things=(
            "sourdough",
            "dumplings",
            "ramen",
            "cardamom buns",
            "tacos",
            "fresh pasta",
            "curry",
            "pickles",
        ),
        lines=_lines("""
            Finally got the {thing} right {time}.
            {thing} in {place}, and I am never leaving.
            My grandmother's recipe for {thing}, {time}.
            Cooked {thing} for twelve people {time}.
            Found the best {thing} of {place}."""),
        tags=_words("foodie homecooking instafood foodlover recipe baking yum streetfood comfortfood fromscratch"),
    ),
    "travel": Topic(
        roles=("Slow traveller", "Train enthusiast", "Guide", "Travel writer", "Backpacker"),
        things=(
            "night trains",
            "side streets",
            "ferries",
            "old maps",
            "border towns",
            "market halls",
            "viewpoints",
        ),
        lines=_lines("""
            {place}, {time}. Everything they say is true.
            Came to {place} for the {thing} and stayed a week.
            Lost my way in {place} {time}. Best part of the trip.
            Nobody told me about the {thing} of {place}.
            Day nine. {thing} all the way to {place}."""),
        tags=_words("travel wanderlust slowtravel roadtrip explore trainlife travelgram onthemove weekendtrip views"),
    ),
    "sport": Topic(
        roles=("Runner", "Climber", "Goalkeeper", "Cyclist", "Swim coach"),
        things=(
            "long runs",
            "hill repeats",
            "bouldering",
            "open water",
            "gravel rides",
            "penalty saves",
            "early laps",
        ),
        lines=_lines("""
            {thing} {time}. Legs are gone.
            New personal best in {place} {time}!
            Rain, wind, {thing}. Would not swap it.
            First race in {place} since my injury.
            Team did it {time}. So proud of every one of them."""),
        tags=_words("running training cycling climbing fitness raceday teamwork outdoors personalbest neverstop"),
    ),
    "music": Topic(
        roles=("Drummer", "Choir singer", "Record collector", "Producer", "Street musician"),
        things=(
            "vinyl",
            "open mics",
            "field recordings",
            "bass lines",
            "choir nights",
            "old synths",
            "demos",
        ),
        lines=_lines("""
            New track is out {time}. Link in bio.
            Recorded {thing} {time}, one microphone only.
            Small stage, big night in {place}.
            Spent my rent on {thing} {time}. No regrets.
            The crowd in {place} knew every word."""),
        tags=_words("music livemusic vinyl newmusic songwriter studio gig synth drums nowplaying"),
    ),
    "code": Topic(
        roles=("Developer", "Tester", "Open source maintainer", "Data person", "Backend engineer"),
        things=(
            "side projects",
            "green builds",
            "type hints",
            "tiny tools",
            "old laptops",
            "bug hunts",
            "dotfiles",
        ),
        lines=_lines("""
            Shipped it {time}. Now I rest.
            Deleted four thousand lines {time}. Everything still works.
            Talk about {thing} in {place} went well!
            It was the time zone. It is always the time zone.
            {thing} {time}. Somebody stop me."""),
        tags=_words("coding python opensource devlife debugging buildinpublic sideproject cleancode programming tech"),
    ),
    "garden": Topic(
        roles=("Gardener", "Balcony farmer", "Beekeeper", "Plant parent", "Allotment neighbour"),
        things=("tomatoes", "dahlias", "compost", "wild bees", "seedlings", "monsteras", "herbs", "pumpkins"),
        lines=_lines("""
            First {thing} of the year {time}!
            The {thing} survived my holiday in {place}.
            Planted {thing} {time}. Fingers crossed.
            Swapped {thing} with the neighbours {time}.
            From one pot on a balcony in {place} to this."""),
        tags=_words("gardening plantsofinstagram urbanjungle homegrown compost bees harvest greenthumb botany plants"),
    ),
    "photo": Topic(
        roles=("Photographer", "Film shooter", "Street photographer", "Darkroom hermit", "Portrait artist"),
        things=("35mm film", "shadows", "portraits", "double exposures", "neon signs", "fog", "blue hour"),
        lines=_lines("""
            {place}, {time}. Straight from the camera.
            Chasing {thing} in {place} again.
            One frame left, and then this happened {time}.
            Found this roll of {place} in an old coat.
            {thing} {time}, because why not."""),
        tags=_words("photography filmphotography streetphoto portrait bluehour 35mm analog light monochrome lens"),
    ),
    "books": Topic(
        roles=("Reader", "Librarian", "Bookseller", "Translator", "Poet"),
        things=(
            "paperbacks",
            "short stories",
            "poetry",
            "marginal notes",
            "used bookshops",
            "crime novels",
            "maps",
        ),
        lines=_lines("""
            Finished it {time} and I am not ready to talk.
            {thing} {time}, phone in another room.
            The bookshop in {place} had one copy left.
            Three chapters in and I have questions.
            Our book club met in {place} {time}."""),
        tags=_words("books bookstagram amreading bookclub poetry currentlyreading library paperback fiction tbr"),
    ),
}

TOPIC_NAMES = tuple(TOPICS)
