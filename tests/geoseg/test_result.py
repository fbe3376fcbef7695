import json

from geoseg.result import QueryReport, RunReport


def test_a_report_becomes_plain_values_that_json_can_hold() -> None:
    report = RunReport(
        scene="s.tif", model="m", version="1", height=2, width=3, chips=4, asked=3, skipped=1,
        failed=0, seconds=0.5, queries=(QueryReport("the roofs", 2, None, 1),),
        options={"chips": {"overlap": None}},
    )  # fmt: skip
    values = json.loads(json.dumps(report.as_dict()))
    assert values["queries"] == [
        {"query": "the roofs", "objects": 2, "area_m2": None, "chips_with_it": 1}
    ]
    assert values["options"]["chips"]["overlap"] is None
