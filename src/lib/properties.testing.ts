/**
 * fast-check, drawing the same each time: a test that fails must fail again, and one that passed may be relied upon.
 * `GODEL_TEST_SEED=N npm test` draws others; a failure prints the seed that shows it.
 */
import fc from "fast-check";

fc.configureGlobal({ seed: Number(process.env.GODEL_TEST_SEED ?? 1) });

export default fc;
