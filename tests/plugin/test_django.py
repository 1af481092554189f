"""The plugin beside pytest-django: the suite's app uses the test's database."""

from __future__ import annotations

import pytest

from tests.plugin.projects import run_pytest

CLINIC = {
    "settings.py": """
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
INSTALLED_APPS = ["clinic"]
USE_TZ = True
SEEDBED_SUITE = "suite:suite"
""",
    "clinic/__init__.py": "",
    "clinic/models.py": """
from django.db import models

class Patient(models.Model):
    name = models.CharField(max_length=50, unique=True)
    visits_count = models.IntegerField(default=0)

class Visit(models.Model):
    patient = models.ForeignKey(Patient, models.CASCADE)
""",
    "clinic/services.py": """
from django.db.models import F
from clinic.models import Patient, Visit

class Clinic:
    def register(self, name):
        return Patient.objects.create(name=name)

    def visit(self, patient):
        Patient.objects.filter(pk=patient.pk).update(visits_count=F("visits_count") + 1)
        return Visit.objects.create(patient=patient)
""",
    "suite.py": """
from seedbed import Suite

suite = Suite("clinic", open="clinic.services:Clinic", factories="clinic_factories")
""",
    "clinic_factories.py": """
import factory
from seedbed import Many, One, ServiceFactory
from clinic.models import Patient, Visit

class PatientFactory(ServiceFactory[Patient]):
    class Meta:
        model = Patient
        service = "register"
    name = factory.Sequence("patient {}".format)
    visits = Many("clinic_factories.VisitFactory", "patient")

class VisitFactory(ServiceFactory[Visit]):
    class Meta:
        model = Visit
        service = "visit"
    patient = One(PatientFactory)
""",
    "pyproject.toml": '[tool.pytest]\nDJANGO_SETTINGS_MODULE = "settings"\n',
    "test_function.py": """
import pytest
from clinic.models import Patient, Visit
from clinic_factories import PatientFactory, VisitFactory
from django.test import TestCase

@pytest.mark.parametrize("turn", [1, 2])
def test_each_test_has_its_own_rows(seedbed_app, turn):
    PatientFactory(visits=2)
    assert Patient.objects.get().visits_count == 2

def test_with_db(db, seedbed_app):
    VisitFactory()
    assert Visit.objects.count() == 1

@pytest.mark.django_db
def test_marked(seedbed_app):
    VisitFactory()
    assert Visit.objects.count() == 1

def test_transactional(transactional_db, seedbed_app):
    VisitFactory()
    assert Visit.objects.count() == 1

@pytest.mark.usefixtures("seedbed_app")
class Case(TestCase):
    def test_case(self):
        VisitFactory()
        assert Visit.objects.count() == 1
""",
    "wide/conftest.py": """
import pytest
from clinic_factories import PatientFactory
from seedbed.fixtures import app_fixture

seedbed_app = app_fixture("session")

@pytest.fixture(scope="session")
def patients(seedbed_app):
    return PatientFactory.create_batch(3)
""",
    "wide/test_wide.py": """
import pytest
from clinic.models import Patient, Visit
from clinic_factories import VisitFactory

@pytest.mark.parametrize("turn", [1, 2])
def test_what_a_test_adds_is_taken_back(patients, db, turn):
    VisitFactory(patient=patients[0])
    assert (Patient.objects.count(), Visit.objects.count()) == (3, 1)
""",
}
RUNS = {"test_function.py": 6, "wide": 2}


@pytest.mark.parametrize("place", RUNS)
def test_a_test_has_its_database_also_inside_a_world_of_the_session(tmp_path, place):
    run = run_pytest(tmp_path, place, files=CLINIC)
    assert [*run.places.values()] == ["PASSED"] * RUNS[place], run.text


ALONE = """
import pytest
from clinic.models import Patient
from clinic_factories import PatientFactory
from django.db import connection
from seedbed.fixtures import app_fixture

wide = app_fixture("session")

def test_it({fixture}):
    PatientFactory()
    assert Patient.objects.count() == 1
    assert "own.db" not in str(connection.settings_dict["NAME"])
"""


@pytest.mark.parametrize("fixture", ["seedbed_app", "wide"])
def test_the_database_of_the_settings_is_left_alone_where_no_test_asks_for_db_itself(tmp_path, fixture):
    files = {
        **CLINIC,
        "settings.py": CLINIC["settings.py"].replace(":memory:", "own.db"),
        "test_alone.py": ALONE.format(fixture=fixture),
    }
    run = run_pytest(tmp_path, "test_alone.py", files=files)
    assert run.passed == {"test_it"}, run.text
    assert not (tmp_path / "own.db").exists()


def test_a_project_without_a_database_needs_none(tmp_path):
    files = {
        **CLINIC,
        "settings.py": "INSTALLED_APPS = []\nDATABASES = {}\nSEEDBED_SUITE = 'suite:suite'\n",
        "suite.py": "from seedbed import Suite\nsuite = Suite('clinic', open=lambda: 'app', factories='none')\n",
        "test_none.py": "def test_none(seedbed_app):\n    assert seedbed_app == 'app'\n",
    }
    assert run_pytest(tmp_path, "test_none.py", files=files).passed == {"test_none"}
