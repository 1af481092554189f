"""The clinic's rules: a doctor, and a patient, is in one appointment at a time, and within hours."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q

from clinic.models import Appointment, Doctor, Patient

OPENS, CLOSES = 8, 18
LONGEST = timedelta(hours=4)


class ClinicError(Exception):
    """A rule said no."""


def hire(name: str) -> Doctor:
    return Doctor.objects.create(name=name)


def register(name: str) -> Patient:
    return Patient.objects.create(name=name)


@transaction.atomic
def book(doctor: Doctor, patient: Patient, at: datetime, minutes: int = 30) -> Appointment:
    appointment = Appointment(doctor=doctor, patient=patient, at=at, minutes=minutes)
    _add(Doctor, doctor.pk, appointments_count=1)
    if not OPENS <= at.hour < CLOSES:
        raise ClinicError(f"the clinic is closed at {at:%R}")
    near = Appointment.objects.filter(Q(doctor=doctor) | Q(patient=patient), at__range=(at - LONGEST, at + LONGEST))
    for other in near.exclude(state="cancelled"):
        if other.at < appointment.until and at < other.until:
            raise ClinicError(f"there is {other} already")
    appointment.save()
    return appointment


@transaction.atomic
def cancel(appointment: Appointment) -> Appointment:
    _move(appointment, "cancelled")
    _add(Doctor, appointment.doctor_id, appointments_count=-1)
    return appointment


@transaction.atomic
def receive(appointment: Appointment) -> Appointment:
    _move(appointment, "over")
    _add(Patient, appointment.patient_id, visits_count=1)
    return appointment


def _add(model: type[Doctor | Patient], key: int, **counts: int) -> None:
    model.objects.filter(pk=key).update(**{field: F(field) + number for field, number in counts.items()})


def _move(appointment: Appointment, state: str) -> None:
    if appointment.state != "booked":
        raise ClinicError(f"the appointment is {appointment.state}, and cannot be {state}")
    appointment.state = state
    appointment.save()
