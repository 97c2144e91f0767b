import { failure } from "../../model/probing/failure.ts";
import type { Run, StepResult } from "../kind.ts";
import { failed } from "../step-result.ts";
import type { Blob } from "./blob.ts";
import { peekBlob } from "./transfer.ts";

/**
 * What it means that stored blobs were reported missing: Download decides. Those that are gone are `lost`; those that can
 * be downloaded, and those of which Download does not tell, are `missing_but_present`. `missing` has at least one blob;
 * `stored` is how many were asked about.
 */
export async function judgeMissing(run: Run<unknown>, missing: readonly Blob[], stored: number): Promise<StepResult> {
  const found = await Promise.all(missing.map((blob) => peekBlob(run, blob)));
  const count = (what: (typeof found)[number]): number => found.filter((one) => one === what).length;
  const of = `${missing.length} of ${stored} stored ${stored === 1 ? "blob" : "blobs"}`;
  if (count("gone") > 0) {
    const others = missing.length - count("gone");
    const rest = others === 0 ? "" : `; ${others} of them can be downloaded, or Download does not tell`;
    return failed(
      failure("lost", true, {
        message: `${of} reported missing, and Download does not have ${missing.length === 1 ? "it" : "them"} either${rest}`,
        hint: "check whether the store was emptied, restored or moved",
      }),
    );
  }
  const message =
    count("there") > 0
      ? `${of} reported missing, though Download still has ${missing.length === 1 ? "it" : "them"}`
      : `${of} reported missing, and Download does not tell whether ${missing.length === 1 ? "it is" : "they are"} there`;
  return failed(failure("missing_but_present", true, { message }));
}
