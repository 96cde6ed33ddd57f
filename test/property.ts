import fc from 'fast-check'

/**
 * ANTIPHON_FUZZ=20: so many times more cases, and others each time. Without it they are the same ones each time: what fails then is what was
 * changed since, and not whoever happens to run the tests.
 */
export const TIMES = Number(process.env.ANTIPHON_FUZZ ?? 1)

export const runs = (usual: number) => ({ numRuns: usual * TIMES })

fc.configureGlobal({ ...runs(100), ...(process.env.ANTIPHON_FUZZ === undefined && { seed: 20 }) })

export { fc }
