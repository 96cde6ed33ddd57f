import { whyNoPnp, whyTooOld } from '../../bin/node-version.js'

// The first import of the library: an old Node would fail later without naming the cause, or silently lose digits.
const why = whyTooOld()
if (why !== undefined) throw new Error(`${why} Then start this program with "npx node" in place of "node".`)

const whyPnp = whyNoPnp()
if (whyPnp !== undefined) throw new Error(whyPnp)
