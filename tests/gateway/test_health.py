"""Counters, reasons and the metrics page."""

from gateway.health import Counters, Health, MetricsPage


def test_counters_start_at_nothing_and_add_up():
    counters = Counters()
    counters.count("report_acknowledged")
    counters.count("frame_rejected:crc_wrong", 3)
    assert counters["report_acknowledged"] == 1
    assert counters["never_seen"] == 0
    assert counters.snapshot() == {"frame_rejected:crc_wrong": 3, "report_acknowledged": 1}


def test_health_names_what_is_not_well_and_why():
    health = Health()
    assert not health.is_degraded
    health.degrade("mqtt", "broker away")
    assert health.is_degraded
    assert dict(health.reasons) == {"mqtt": "broker away"}
    health.restore("mqtt")
    assert not health.is_degraded


def test_the_metrics_page_reads_as_prometheus_wants_it():
    counters, health = Counters(), Health()
    page = MetricsPage(counters, health)
    counters.count("report_acknowledged", 2)
    health.degrade("mqtt", "broker away")
    page.gauge("outstanding_events", "Committed and not yet done.", 7)
    text = page.render().decode()
    assert 'alarm_gateway_happened_total{what="report_acknowledged"} 2.0' in text
    assert 'alarm_gateway_degraded{part="mqtt"} 1.0' in text
    assert "alarm_gateway_outstanding_events 7.0" in text
