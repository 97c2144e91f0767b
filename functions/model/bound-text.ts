/**
 * The `le` of a bucket, the same in every format: as Prometheus 3 normalises it on ingestion (Go's shortest `%g`, with
 * `.0` where neither a point nor an exponent is left), so that an upgrade of Prometheus does not split the series.
 */
export function boundText(bound: number): string {
  if (bound === Number.POSITIVE_INFINITY) return "+Inf";
  const [digits = "", power = "0"] = bound.toExponential().split("e");
  const exponent = Number(power);
  if (exponent < -4 || exponent >= 6)
    return `${digits}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
  const plain = String(bound);
  return plain.includes(".") ? plain : `${plain}.0`;
}
