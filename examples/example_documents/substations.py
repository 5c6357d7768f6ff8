"""The numbers in the report: 84 substations and a fault log, computed so that the prose can quote their sums."""

from typing import NamedTuple

_STREETS = ("Alder Row", "Chandlers Yard", "Ferry Lane", "Foundry Street", "Granary Walk", "Kiln Close",
            "Mill Embankment", "Priory Gardens", "Saltmarsh Road", "Station Approach",
            "Tannery Court", "Weir Street")  # fmt: skip
_USES = ("Flats", "Flats", "Terrace", "Flats", "Offices", "Terrace", "Flats", "School", "Flats", "Terrace", "Shops")


class Substation(NamedTuple):
    """One heat interface: where, what for, floor area in m2, peak in kW, heat in MWh a year, return in degrees Celsius."""

    code: str
    address: str
    use: str
    area: int
    peak: int
    heat: float
    back: float


def substations() -> list[Substation]:
    """All 84, in the order of their codes."""
    return [_substation(n) for n in range(84)]


def _substation(n: int) -> Substation:
    street, use = _STREETS[n // 7], _USES[(n * 7 + n // 6) % len(_USES)]
    area = 620 + (n * 389) % 2170
    peak = round(area * (0.034 + (n * 13 % 7) * 0.0015))
    heat = round(area * (0.051 + (n * 17 % 11) * 0.0012), 1)
    back = round(31.5 + (n * 23 % 29) * 0.29 + (9.4 if n in SLOW else 0.0), 1)
    return Substation(f"S{n + 1:02d}", f"{2 + n % 7 * 6 + n % 3} {street}", use, area, peak, heat, back)


SLOW = (11, 37, 52)
"""Positions of the three substations whose return is far too warm."""

FAULTS = (
    ("04 Oct", "S12", "Return over 45 °C for six days", "Bypass valve found open; seal ordered", "2.5"),
    ("19 Oct", "Pump P2", "Vibration alarm", "Coupling realigned, bearing greased", "6.0"),
    ("02 Nov", "S27", "No domestic hot water", "Blocked strainer cleaned", "1.5"),
    ("11 Nov", "Heat pump B", "Low suction pressure", "Filter drier replaced, 0.4 kg gas added", "7.5"),
    ("30 Nov", "S38", "Return over 45 °C for nine days", "Actuator stuck; freed, to be replaced", "3.0"),
    ("14 Dec", "Leak cable 3", "Wet joint at chamber C7", "Sleeve opened, dried and shrunk again", "11.0"),
    ("08 Jan", "Store", "Probe T5 reads 0 °C", "Cable repaired", "2.0"),
    ("17 Jan", "Heat pump A", "Oil level low", "Oil topped up, separator checked", "1.0"),
    ("05 Feb", "S53", "Return over 45 °C for four days", "Wrong heating curve; owner informed", "1.5"),
    ("21 Feb", "Pump P1", "Frequency converter trip", "Fan replaced, panel filter added", "4.0"),
    ("09 Mar", "S04", "Meter not read", "Battery replaced", "0.5"),
    ("26 Mar", "S61", "Low flow complaint", "Balancing valve set to 0.9 m³/h", "1.0"),
    ("18 Apr", "Makeup", "Water use 2.1 m³ in a week", "Passing relief valve replaced", "5.5"),
    ("07 May", "Heat pump B", "Planned stop", "Annual inspection, no findings", "9.0"),
    ("22 Jun", "S19", "Noise complaint", "Pump pressure lowered by 12 kPa", "2.0"),
    ("15 Jul", "Store", "Planned stop", "Anode and manhole inspected", "8.0"),
    ("03 Sep", "S45", "Leak at plate exchanger", "Gasket set replaced", "4.5"),
)  # fmt: skip
"""Date, place, symptom, remedy and hours of work."""
