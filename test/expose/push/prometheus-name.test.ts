import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type NameShape, prometheusName } from "../../../functions/expose/push/prometheus-name.ts";

// Expected names are those of the specification's and of Prometheus' own tables of examples, or follow from their rules.
describe("the Prometheus name", () => {
  it.each([
    ["http.server.duration", "s", "other", "http_server_duration_seconds"],
    ["zako.v1.build.duration_seconds", "s", "other", "zako_v1_build_duration_seconds"],
    ["system.io", "foo/bar", "counter", "system_io_foo_per_bar_total"],
    ["system.filesystem.usage", "By", "gauge", "system_filesystem_usage_bytes"],
    ["broken.metric.speed", "km/h", "gauge", "broken_metric_speed_km_per_hour"],
    ["zako.v1.transport.throughput", "By/s", "other", "zako_v1_transport_throughput_bytes_per_second"],
    ["requests", "{request}", "counter", "requests_total"],
    ["requests", "{request}/s", "gauge", "requests_per_second"],
    ["requests.total", "1", "counter", "requests_total"],
    ["total.bytes", "By", "counter", "bytes_total"],
    ["zako.v1.cache.hit", "1", "gauge", "zako_v1_cache_hit_ratio"],
    ["zako.v1.cache.hit_ratio", "1", "gauge", "zako_v1_cache_hit_ratio"],
    ["zako.v1.cas.active_connections", "1", "other", "zako_v1_cas_active_connections"],
    ["latency", "ms", "other", "latency_milliseconds"],
    ["cpu.use", "%", "gauge", "cpu_use_percent"],
    ["a..b--c d", "", "gauge", "a_b_c_d"],
    ["_leading.and.trailing_", "", "gauge", "leading_and_trailing"],
    ["3.things", "", "gauge", "_3_things"],
    ["a:b", "", "gauge", "a:b"],
    ["ünïcode", "", "gauge", "n_code"],
    ["...", "s", "gauge", undefined],
    ["", "", "gauge", undefined],
    ["x".repeat(257), "", "gauge", undefined],
  ] as [string, string, NameShape, string | undefined][])("of %j in %j as %s is %j", (name, unit, shape, wanted) => {
    expect(prometheusName(name, unit, shape)).toBe(wanted);
  });

  it("is valid whatever it is made of, and stays as it is when made again", () => {
    const shapes = fc.constantFrom<NameShape>("counter", "gauge", "other");
    const text = fc.string({ unit: "binary", maxLength: 40 });
    fc.assert(
      fc.property(text, text, shapes, (name, unit, shape) => {
        const made = prometheusName(name, unit, shape);
        if (made === undefined) return;
        expect(made).toMatch(/^[A-Za-z_:][A-Za-z0-9_:]*$/);
        if (!made.startsWith("_")) expect(prometheusName(made, "", shape)).toBe(made);
      }),
    );
  });
});
