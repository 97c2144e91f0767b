import fc from "fast-check";
import { inject } from "vitest";

// The gate tries the same cases each time, so that a change is refused for what it broke; everybody else tries new ones.
const seed = inject("seed");
if (seed !== 0) fc.configureGlobal({ ...fc.readConfigureGlobal(), seed });
