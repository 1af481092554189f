from __future__ import annotations

from django.db import IntegrityError, transaction
from django.db.models import F

from tests.adapters.clinic.models import Doctor, Note, Patient, Visit

REMINDERS = []
DAYS = 300


class ClosedError(Exception):
    pass


def hire(name: str) -> Doctor:
    return Doctor.objects.create(name=name)


def register(email: str) -> Patient:
    return Patient.objects.create(email=email)


def book(doctor: Doctor, patient: Patient, day: int) -> Visit:
    with transaction.atomic(durable=True):
        Doctor.objects.filter(pk=doctor.pk).update(visits_count=F("visits_count") + 1)
        visit = Visit.objects.create(doctor=doctor, patient=patient, day=day)
        if day > DAYS:
            raise ClosedError(day)
        transaction.on_commit(lambda: REMINDERS.append(day))
        return visit


def book_by_ids(doctor_id: int, patient_id: int, day: int) -> Visit:
    return Visit.objects.create(doctor_id=doctor_id, patient_id=patient_id, day=day)


def register_carelessly(email: str) -> Patient:
    try:
        return Patient.objects.create(email=email)
    except IntegrityError:
        return Patient(email=email)


def register_carefully(email: str) -> Patient:
    try:
        with transaction.atomic():
            return Patient.objects.create(email=email)
    except IntegrityError:
        return Patient.objects.get(email=email)


def close(visit: Visit) -> Visit:
    visit.is_over = True
    visit.save()
    return visit


def file_note(text: str) -> Note:
    if not text:
        Note.objects.using("archive").create(text="refused")
        raise ClosedError
    return Note.objects.using("archive").create(text=text)
