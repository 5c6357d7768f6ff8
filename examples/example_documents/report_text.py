"""What the English report says. Company, town and figures are invented."""

from example_documents.substations import SLOW, substations

_ALL = substations()
_HEAT = sum(station.heat for station in _ALL)
_AREA = sum(station.area for station in _ALL)
_WARM = ", ".join(_ALL[n].code for n in SLOW[:-1]) + f" and {_ALL[SLOW[-1]].code}"
_PRODUCED = round(_HEAT * 1.138)
_POWER = round(_PRODUCED / 3.41)

AUTHOR = "Brannock Vale Engineering"
TITLE = "Eastmere Low-Temperature Heat Network: Performance in the Second Year"
BYLINE = "Brannock Vale Engineering for the Eastmere Heat Cooperative. Report BV-2291, revision C."
RUNNING_HEAD = "Eastmere heat network: second-year performance"
RUNNING_FOOT = "Brannock Vale Engineering, BV-2291 rev. C"

SUMMARY = [
    (
        f"In its second year the Eastmere network delivered {_HEAT:,.0f} MWh of heat to {len(_ALL)} substations that serve "
        f"{_AREA:,} m² of heated floor. The heat pumps and their auxiliaries drew {_POWER:,} MWh of electricity, which gives a "
        "seasonal performance factor of 3.41 at the energy centre. The design value was 3.20. Most of the gain comes from a "
        "return that was four degrees colder than in the first year."
    ),
    (
        "Heat lost from the buried pipes fell from 14.9 % to 12.1 % of the heat produced. The three substations that still "
        "send back water at more than 40 °C account for almost a third of the loss that can be avoided. Setting them right "
        "costs less than one month of the electricity that they waste, and this report recommends to do it before winter."
    ),
]
SCOPE = [
    (
        "This report covers the twelve months from October to September. It compares what was measured with the design "
        "figures and with the first year, names the substations that need attention, and proposes one change to the way in "
        "which the supply temperature is set. Commercial matters, tariffs and the extension towards the harbour are outside "
        "its scope."
    ),
    (
        "All energy figures are readings of heat and electricity meters. Where a meter failed, the gap was filled with the "
        "mean of the same weekday in the four weeks around it; such gaps make up 0.6 % of all hourly values and are not "
        "marked one by one."
    ),
]
TERMS_LEAD = "Four words are used in a narrow sense:"
TERMS = [
    "Energy centre: the building at Weir Street with the heat pumps, the store and the network pumps.",
    "Substation: the heat exchanger, valves and meter at which heat passes from the network to one building.",
    "Supply and return: the water that leaves and reaches the energy centre, as measured at its wall.",
    "Warm return: a weekly mean return temperature of more than 40 °C at a substation in the heating season.",
]
CENTRE = (
    "Two heat pumps take heat from the river through a closed glycol loop and lift it to the supply temperature. They "
    "charge a store of 180 m³, from which the network is fed, so that the machines can run when electricity is cheap and "
    "stand still during the two daily price peaks. An electric boiler stands by for the coldest days."
)
PUMPS = (
    "Heat pump A has screw compressors and carries the base load; heat pump B has piston compressors and follows. Table 1 "
    "lists what was installed and what the machines reached in the year under report. The figures for cold days are "
    "means over all hours with an outdoor temperature below 0 °C."
)
PLANT_CAPTION = "Table 1: Plant in the energy centre"
PLANT = [
    ["Unit", "Duty", "Heat output, kW", "", "Performance", ""],
    ["", "", "Rated", "Highest hour", "Whole year", "Cold days"],
    ["Heat pump A", "Base load", "1,450", "1,482", "3.66", "3.12"],
    ["", "With store", "1,450", "1,455", "3.58", "3.09"],
    ["Heat pump B", "Following", "900", "912", "3.24", "2.87"],
    ["", "Alone", "900", "897", "3.31", "2.90"],
    ["Electric boiler", "Reserve", "1,200", "640", "0.99", "0.99"],
    ["All units, with auxiliaries", "", "3,550", "2,874", "3.41", "2.95"],
]
PLANT_SPANS = ((0, 0, 2, 1), (0, 1, 2, 1), (0, 2, 1, 2), (0, 4, 1, 2), (2, 0, 2, 1), (4, 0, 2, 1), (7, 0, 1, 2))
BOILER = (
    "The boiler ran for 41 hours, of which 33 were the planned inspection of heat pump B in May. Its contacts are tested "
    "every Monday for ten minutes at quarter load; these tests used 21 MWh and are counted as auxiliary power."
)
DISTRIBUTION = [
    (
        "The network has 7.8 km of trench with twin pipes of 25 mm to 200 mm. Water is pumped through it at a difference of "
        "pressure that follows the worst of four remote sensors. Because nearly all flats have their own plate exchanger for "
        "hot water, no part of the network needs to be hotter than 60 °C, and the supply is raised above that only when the "
        "outdoor temperature calls for it."
    ),
    (
        "Figure 1 shows the monthly means at the energy centre. The supply moved between 60 °C in summer and 66 °C in January. "
        "The return was lowest in February, when the radiators of the older terraces were in full use, and highest in July, "
        "when small flows of hot water mix with what the bypasses at the ends of the branches let through."
    ),
    (
        "The buried pipes are watched by a pair of copper wires in the foam, which report moisture "
        "to within two metres. In the "
        "year under report they found one wet joint, at chamber C7, before any water was lost. The losses of the pipes "
        "themselves can only be worked out from the difference between the meter at the energy centre and the sum of the "
        "meters at the substations. They came to 12.1 % of the heat produced, against 14.9 % in the first year, when parts of "
        "the network were already warm but had hardly any customers. A further fall of one or two points can be expected when "
        "the last two blocks in Station Approach are connected, because the branch that serves them is kept warm already."
    ),
]
CHART_CAPTION = "Figure 1: Monthly mean temperatures at the energy centre"
METER_NOTE = (
    "¹ Meters of accuracy class 2 for heat and class B for electricity; the largest error of the quotient in equation (1) "
    "is 3.1 %."
)
METHOD = (
    "Heat is metered where the network leaves the energy centre and at every substation, electricity at each machine and "
    "at the main switchboard.¹ The seasonal performance factor is the heat fed into the network, divided by the "
    "electricity for compressors and pumps over the same period:"
)
AFTER_SPF = (
    "The loss of a buried pipe is estimated from the temperatures of the water and of the ground and compared with the "
    "difference between the meters. For each metre of pipe with an insulation of outer diameter D and inner diameter d:"
)
AFTER_LOSS = (
    "With the conductivity that the maker gives for aged foam, equation (2) predicts a yearly loss that lies 5 % below the "
    "metered one. The difference is within the error of the meters, so that no large wet section has to be suspected."
)
SUBSTATIONS = (
    "Table 2 lists every substation with its floor area, its highest hourly load, the heat that it took in the year, and "
    "the mean return temperature in the heating season, weighted by flow. Buildings are listed by their number in the "
    "control system, which follows the trench from the energy centre outwards."
)
SUBSTATION_CAPTION = "Table 2: Substations in the second year"
WARM_RETURNS = [
    (
        f"Three substations stand out: {_WARM}. Each has a different cause, and none of them is the heat exchanger. At the "
        "first a bypass valve had been left open when the branch was flushed. At the second the actuator of the control valve "
        "had seized at a third of its stroke. At the third a contractor had entered a curve for radiators into a controller "
        "that serves floor heating."
    ),
    (
        "Warm returns are costly twice. The pumps have to move more water for the same heat, and the heat pumps work against "
        "a smaller spread, which lowers their performance factor by about 2 % for each degree. Seen over the year the three "
        "substations raised the return of the whole network by 0.7 degrees. Figure 2 shows how such a place can be found from "
        "outside: the uninsulated flange of a bypass glows when warm water passes where none should."
    ),
]
INFRARED_CAPTION = "Figure 2: Infrared view of the bypass at chamber C4, with a warm flange and valve stem"
FAULTS_LEAD = (
    "The control room wrote down 17 events that needed someone to go out. No customer was without heat for more than five "
    "hours. Table 3 gives all of them in order of their date. Faults of substations are paid for by the cooperative "
    "unless the owner of the building caused them."
)
FAULT_CAPTION = "Table 3: Events from October to September"
CURVE = (
    "The supply temperature follows the outdoor temperature along a straight line between two limits. The controller of "
    "the energy centre works it out once a minute from the mean of the last six hours:"
)
CURVE_CODE = """\
def supply_setpoint(outdoor: float) -> float:
    # Straight line from (12 C, 60 C) to (-8 C, 68 C), held outside it.
    share = (12.0 - outdoor) / 20.0
    share = min(max(share, 0.0), 1.0)
    return 60.0 + 8.0 * share

def filtered(history: list[float], hours: int = 6) -> float:
    recent = history[-60 * hours:]
    return sum(recent) / len(recent)"""
CHANGE = (
    "The upper end of the line can come down. In the coldest week the valve that was open furthest stood at 71 %, so the "
    "same heat could have been delivered with water three degrees cooler. We propose to lower the value at −8 °C from "
    "68 °C to 66 °C for the coming winter, to watch the five remotest substations, and to take a further degree away in "
    "January if none of their valves opens beyond 90 %. The change needs no new equipment and can be undone in a minute."
)
CONCLUSIONS = [
    (
        "The network does better than it was designed to, and it does so because of many small settings and not because of "
        "any one machine. What is left to gain lies at the customers' end: in three substations now, and in the habit of "
        "looking at every return temperature once a week."
    ),
    (
        "A short note on the first three months of the new curve will follow in February. The data "
        "behind all tables are kept by "
        "the cooperative for ten years and can be had from its office."
    ),
    "We recommend the following, in this order:",
]
STEPS = [
    f"Set right the substations {_WARM} before the heating season; the parts are in stock.",
    "Lower the supply curve as described in section 4.2 and review it in January.",
    "Send the weekly list of warm returns to the owners of the buildings as well as to the control room.",
    "Replace the batteries of all heat meters older than six years at the next reading.",
]
