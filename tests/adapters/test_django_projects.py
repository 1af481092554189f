"""A Django project of a user's own: under pytest-django, and by `manage.py seed`."""

from __future__ import annotations

import os
import subprocess
import sys
from textwrap import dedent

import pytest

from tests.plugin.projects import run_pytest

PROJECT = {
    "pytest.ini": "[pytest]\nDJANGO_SETTINGS_MODULE = site_settings\npythonpath = .\n",
    "site_settings.py": """
        SECRET_KEY = "x"
        INSTALLED_APPS = ["seedbed.django", "clinic"]
        DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "clinic.db"}}
        DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
        USE_TZ = True
    """,
    "clinic/__init__.py": "",
    "clinic/migrations/__init__.py": "",
    "clinic/models.py": """
        from django.db import models

        class Patient(models.Model):
            email = models.CharField(max_length=50, unique=True)
            visits_count = models.IntegerField(default=0)

        class Visit(models.Model):
            patient = models.ForeignKey(Patient, on_delete=models.CASCADE)
    """,
    "clinic/migrations/0001_initial.py": """
        from django.db import migrations, models

        class Migration(migrations.Migration):
            initial = True
            operations = [
                migrations.CreateModel("Patient", [
                    ("id", models.BigAutoField(primary_key=True)),
                    ("email", models.CharField(max_length=50, unique=True)),
                    ("visits_count", models.IntegerField(default=0)),
                ]),
                migrations.CreateModel("Visit", [
                    ("id", models.BigAutoField(primary_key=True)),
                    ("patient", models.ForeignKey("clinic.Patient", on_delete=models.CASCADE)),
                ]),
            ]
    """,
    "clinic/services.py": """
        from django.db import transaction
        from django.db.models import F
        from clinic.models import Patient, Visit

        SENT = []

        class Desk:
            def register(self, email: str) -> Patient:
                transaction.on_commit(lambda: SENT.append(email))
                return Patient.objects.create(email=email)

            @transaction.atomic(durable=True)
            def visit(self, patient: Patient) -> Visit:
                Patient.objects.filter(pk=patient.pk).update(visits_count=F("visits_count") + 1)
                return Visit.objects.create(patient=patient)
    """,
    "clinic/factories.py": """
        import factory
        from seedbed import ServiceFactory
        from seedbed.django import unit_of_work
        from clinic.models import Patient, Visit

        class PatientFactory(ServiceFactory[Patient]):
            class Meta:
                model = Patient
                service = "register"
                unit_of_work = unit_of_work()

            email = factory.Sequence("patient{}@example.org".format)

        class VisitFactory(ServiceFactory[Visit]):
            class Meta:
                model = Visit
                service = "visit"
                unit_of_work = unit_of_work()

            patient = factory.SubFactory(PatientFactory)
    """,
}

SUITE = {
    "clinic/suite.py": """
        from seedbed import Counter, Suite
        from seedbed.django import unit_of_work

        def open_desk():
            from clinic.services import Desk
            return Desk()

        def make_small(app):
            from clinic.factories import VisitFactory
            VisitFactory.create_batch(3)

        suite = Suite(
            "clinic",
            open=open_desk,
            factories="clinic.factories",
            unit_of_work=unit_of_work(),
            counters=[Counter("visits_count", of="clinic.models:Patient", counts="clinic.models:Visit", by="patient")],
            planner={"small": make_small},
        )
    """,
    "manage.py": """
        import os, sys
        from django.core.management import call_command, execute_from_command_line

        os.environ["DJANGO_SETTINGS_MODULE"] = "site_settings"
        if sys.argv[1] == "call":
            import django
            django.setup()
            call_command("seed", *sys.argv[2:])
        else:
            execute_from_command_line(sys.argv)
    """,
    "count.py": """
        import os, django
        os.environ["DJANGO_SETTINGS_MODULE"] = "site_settings"
        django.setup()
        from clinic.models import Patient, Visit
        print(Visit.objects.count(), sum(Patient.objects.values_list("visits_count", flat=True)))
    """,
}

TESTS = """
    import pytest
    from seedbed import BuildFailureError, using
    from clinic.factories import PatientFactory, VisitFactory
    from clinic.models import Patient, Visit
    from clinic.services import SENT, Desk

    @pytest.fixture(autouse=True)
    def desk():
        SENT.clear()
        with using(Desk()):
            yield

    @pytest.mark.parametrize("turn", [1, 2])
    @pytest.mark.django_db
    def test_each_has_a_database_of_its_own(turn):
        visits = VisitFactory.create_batch(3)
        assert [visit.patient.visits_count for visit in visits] == [1, 1, 1]
        assert Visit.objects.count() == 3
        with pytest.raises(BuildFailureError, match="1 were created"):
            PatientFactory.create_batch(2, email="a")
        assert Patient.objects.count() == 4
        assert SENT == []

    @pytest.mark.django_db
    def test_callbacks_can_be_captured(django_capture_on_commit_callbacks):
        with django_capture_on_commit_callbacks(execute=True) as callbacks:
            PatientFactory.create_batch(2)
        assert (len(callbacks), len(SENT)) == (2, 2)

    @pytest.mark.parametrize("turn", [1, 2])
    @pytest.mark.django_db(transaction=True)
    def test_transactions_are_real(turn):
        VisitFactory.create_batch(2)
        assert len(SENT) == 2
        assert Visit.objects.count() == 2

    def test_without_a_database_it_is_refused():
        with pytest.raises(RuntimeError, match="Database access not allowed"):
            PatientFactory()
"""

SHARED = """
    import pytest
    from seedbed import using
    from clinic.factories import PatientFactory
    from clinic.models import Patient
    from clinic.services import Desk

    @pytest.fixture(scope="module")
    def world(django_db_setup, django_db_blocker):
        with django_db_blocker.unblock(), using(Desk()):
            yield PatientFactory.create_batch(2)
            Patient.objects.all().delete()

    def test_a_module_may_share_a_world(world, django_db_blocker):
        with django_db_blocker.unblock():
            assert Patient.objects.count() == 2
"""


@pytest.fixture
def project(tmp_path):
    folder = tmp_path / "project"
    for name, text in PROJECT.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(dedent(text))
    return folder


def test_under_pytest_django_each_kind_of_test_has_its_transactions(project):
    run = run_pytest(project, files={"test_clinic.py": dedent(TESTS), "test_shared.py": dedent(SHARED)})
    assert (run.code, len(run.passed)) == (0, 7), run.text


def run(project, *arguments):
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SEED", "DJANGO"))}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=project, env=kept, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def site(project):
    for name, text in SUITE.items():
        (project / name).write_text(dedent(text))
    settings = project / "site_settings.py"
    settings.write_text(settings.read_text() + 'SEEDBED_SUITE = "clinic.suite:suite"\n')
    assert run(project, "manage.py", "migrate")[0] == 0
    return project


def test_manage_py_seed_is_the_command_of_the_projects_suite(site):
    code, _, errors = run(site, "manage.py", "seed", "--dry-run")
    assert (code, run(site, "count.py")[1]) == (0, "0 0\n"), errors
    code, _, errors = run(site, "manage.py", "seed", "-e", "small", "--settings=site_settings")
    assert (code, run(site, "count.py")[1]) == (0, "3 3\n"), errors
    code, text, errors = run(site, "manage.py", "seed", "audit")
    assert code == 0, text + errors


def test_manage_py_seed_ends_with_the_commands_exit_code(site):
    code, _, errors = run(site, "manage.py", "seed", "-e", "smal")
    assert (code, "small" in errors) == (2, True)
    code, _, errors = run(site, "manage.py", "call", "-e", "smal")
    assert "CommandError: seed ended with exit code 2" in errors
    code, _, errors = run(site, "manage.py", "call", "-e", "small")
    assert (code, run(site, "count.py")[1]) == (0, "3 3\n"), errors


def test_lint_has_databases_of_its_own_beside_one_that_holds_something(site):
    assert run(site, "manage.py", "seed", "-e", "small")[0] == 0
    code, text, errors = run(site, "manage.py", "seed", "lint")
    assert (code, "the world that it opens holds 3 Patient, 3 Visit" in errors) == (2, True), text + errors

    suite = site / "clinic/suite.py"
    text = suite.read_text().replace("import unit_of_work", "import scratch, unit_of_work")
    suite.write_text(text.replace("    open=open_desk,", "    open=open_desk,\n    scratch=scratch(open_desk),"))
    code, text, errors = run(site, "manage.py", "seed", "lint")

    assert (code, text, run(site, "count.py")[1]) == (0, "lint: 8 trials of clinic: nothing wrong\n", "3 3\n"), errors
    assert sorted(path.name for path in site.glob("*.db*")) == ["clinic.db"]


def test_what_is_wrong_in_a_world_that_is_thrown_away_is_found(site):
    suite = site / "clinic/suite.py"
    text = suite.read_text().replace("import unit_of_work", "import scratch, unit_of_work")
    suite.write_text(text.replace("    open=open_desk,", "    open=open_desk,\n    scratch=scratch(open_desk),"))
    services = site / "clinic/services.py"
    services.write_text(services.read_text().replace('F("visits_count") + 1', 'F("visits_count") + 2'))

    code, text, errors = run(site, "manage.py", "seed", "lint", "-f", "VisitFactory", "--strategy", "create")

    assert (code, "VisitFactory.create(): Patient 1: visits_count is 2, and should be 1" in text) == (1, True), errors
    assert run(site, "count.py")[1] == "0 0\n"


def test_a_suite_that_is_named_beats_the_setting(site):
    code, _, errors = run(site, "manage.py", "seed", "--suite", "clinic.suite:suit")
    assert (code, "clinic.suite" in errors) == (2, True)


TOGETHER = """
    import pytest
    from clinic.factories import PatientFactory, VisitFactory
    from clinic.models import Patient, Visit
    from clinic.services import SENT, Desk
    from django.db import IntegrityError, connection
    from django.test import TestCase
    from seedbed.fixtures import open_app

    @pytest.fixture
    def patient(db):
        return Desk().register("before")

    @pytest.mark.parametrize("turn", [1, 2])
    def test_a_world_that_is_thrown_away(turn, seedbed_app, assert_counters_exact):
        VisitFactory.create_batch(2)
        assert Visit.objects.count() == 2
        assert_counters_exact(seedbed_app)

    @pytest.mark.django_db
    def test_and_the_database_of_the_test():
        assert Visit.objects.count() == 0

    def test_what_was_made_before(patient, seedbed_app):
        VisitFactory.create_batch(2, patient=patient)
        patient.refresh_from_db()
        assert patient.visits_count == 2

    def test_what_was_made_after(seedbed_app, patient):
        assert VisitFactory(patient=patient).patient.email == "before"

    @pytest.mark.django_db(transaction=True)
    def test_transactions_are_real(patient, seedbed_app):
        SENT.clear()
        assert not connection.in_atomic_block
        PatientFactory()
        assert len(SENT) == 1
        assert Patient.objects.count() == 2

    @pytest.mark.parametrize("turn", [1, 2])
    def test_a_world_for_each_example(request, turn, db, django_capture_on_commit_callbacks):
        Desk().register("before")
        for size in (2, 1, 2):
            with open_app(request):
                with django_capture_on_commit_callbacks() as callbacks:
                    VisitFactory.create_batch(size)
                assert (Visit.objects.count(), Patient.objects.count(), len(callbacks)) == (size, size + 1, size)
        assert (Visit.objects.count(), Patient.objects.count()) == (0, 1)

    def test_what_a_commit_would_refuse_is_told_though_it_is_rolled_back(request, db):
        with pytest.raises(IntegrityError, match="invalid foreign key"), open_app(request):
            Visit.objects.create(patient_id=99)

    @pytest.mark.usefixtures("seedbed_app")
    class CaseTest(TestCase):
        @classmethod
        def setUpTestData(cls):
            cls.patient = Desk().register("before")

        def test_case(self):
            assert VisitFactory(patient=self.patient).patient.visits_count == 1
"""

WIDE = {
    "conftest.py": """
        from seedbed.fixtures import app_fixture
        seedbed_app = app_fixture("session")
    """,
    "test_wide.py": """
        import pytest
        from clinic.factories import PatientFactory
        from clinic.models import Patient

        @pytest.mark.parametrize("turn", [1, 2])
        def test_what_a_test_adds_is_taken_back(seedbed_app, db, turn):
            PatientFactory()
            assert Patient.objects.count() == 1
    """,
    "test_none.py": """
        import pytest
        from django.test import TestCase, TransactionTestCase

        @pytest.mark.django_db(transaction=True)
        def test_marked(seedbed_app): ...

        def test_fixture(seedbed_app, transactional_db): ...

        @pytest.mark.usefixtures("seedbed_app")
        class OwnTest(TransactionTestCase):
            def test_case(self): ...

        @pytest.mark.usefixtures("seedbed_app")
        class PlainTest(TestCase):
            def test_plain_case(self): ...
    """,
}


@pytest.fixture
def scratching(site):
    """A project whose suite has a `scratch` of Django's."""
    suite = site / "clinic/suite.py"
    text = suite.read_text().replace("import unit_of_work", "import scratch, unit_of_work")
    suite.write_text(text.replace("    open=open_desk,", "    open=open_desk,\n    scratch=scratch(open_desk),"))
    return site


def test_under_pytest_django_the_test_s_own_database_is_what_is_thrown_away(scratching):
    files = {"test_together.py": dedent(TOGETHER)}

    done = run_pytest(scratching, "--seedbed-suite=clinic.suite:suite", files=files)

    assert (done.code, len(done.passed), run(scratching, "count.py")[1]) == (0, 10, "0 0\n"), done.text


def test_under_pytest_django_no_test_of_transactions_stands_in_a_wider_world(scratching):
    files = {name: dedent(text) for name, text in WIDE.items()}

    done = run_pytest(scratching, "--seedbed-suite=clinic.suite:suite", files=files)

    passed = {
        "test_what_a_test_adds_is_taken_back[1]",
        "test_what_a_test_adds_is_taken_back[2]",
        "PlainTest::test_plain_case",
    }
    assert done.passed == passed, done.text
    assert done.text.count("ERROR at setup of") == 3
    assert "this test asks for real transactions, and an app fixture of the scope session" in done.text


OPENINGS = """
    import contextlib
    from types import SimpleNamespace
    from django.db import connection

    LOG = []

    def open_plain(clock, target="nowhere"):
        return SimpleNamespace(clock=clock, target=target, close=lambda: LOG.append("closed"))

    def open_in_steps(clock):
        yield SimpleNamespace(clock=clock, target="nowhere")
        LOG.append("closed")

    open_in_block = contextlib.contextmanager(open_in_steps)
"""

OPENED = """
    import openings
    import pytest
    from seedbed import Suite
    from seedbed.django import scratch

    @pytest.mark.parametrize("name", ["open_plain", "open_in_steps", "open_in_block"])
    def test_it_is_opened_as_suite_open_is(name, django_db_setup, django_db_blocker):
        openings.LOG.clear()
        suite = Suite("clinic", open=open, factories="clinic.factories", scratch=scratch(getattr(openings, name)))
        with django_db_blocker.unblock(), suite.scratch_app(clock="a clock") as app:
            assert (app.clock, app.target) == ("a clock", "nowhere")
            assert openings.LOG == []
        assert openings.LOG == ["closed"]
"""


def test_scratch_takes_whatever_opens_an_app(site):
    files = {"openings.py": dedent(OPENINGS), "test_opened.py": dedent(OPENED)}

    done = run_pytest(site, files=files)

    assert (done.code, len(done.passed)) == (0, 3), done.text


ASYNC = """
    import asyncio
    import pytest
    from asgiref.sync import async_to_sync, sync_to_async
    from clinic.factories import PatientFactory
    from clinic.models import Patient
    from clinic.services import Desk
    from seedbed import ServiceFactory, using
    from seedbed.django import AsyncCodeError, unit_of_work

    async def aregister(email: str) -> Patient:
        return await Patient.objects.acreate(email=email)

    class AsyncFactory(ServiceFactory[Patient]):
        class Meta:
            service = staticmethod(aregister)
            unit_of_work = unit_of_work()
        email = "a"

    class PlainFactory(AsyncFactory):
        class Meta:
            service = staticmethod(async_to_sync(aregister))

    @pytest.mark.django_db(transaction=True)
    def test_async_code_is_refused_before_anything_is_written():
        async def create():
            for wrong in (AsyncFactory.create_async, PatientFactory.create_async, sync_create):
                with pytest.raises(AsyncCodeError, match="sync_to_async"):
                    await wrong()
            made = [await sync_to_async(PatientFactory.create)(), await sync_to_async(PlainFactory.create)()]
            assert [patient.email for patient in made] == ["patient0@example.org", "a"]
            await sync_to_async(Patient.objects.all().delete)()

        async def sync_create():
            PatientFactory()

        with using(Desk()):
            asyncio.run(create())
        assert Patient.objects.count() == 0
"""


def test_async_code_is_refused_in_one_line(project):
    run = run_pytest(project, files={"test_async.py": dedent(ASYNC)})
    assert (run.code, len(run.passed)) == (0, 1), run.text
