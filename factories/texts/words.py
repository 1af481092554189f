"""Words that no language owns: names for accounts, and the names of people all over the world. Data only."""

from __future__ import annotations


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


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

EMOJI = _words("✨ 🔥 😍 🙌 💛 🌿 😂 👏 🎉 ☀️ 🤍 😊 💯 🥹 🤩 👀 💪 🌸 🫶 😅 🥳 💫 🤝 🧡")
