import { alarms } from './alarms.ts'
import { counters } from './counters.ts'
import { gauges } from './gauges.ts'
import { jobs } from './jobs.ts'
import { logs } from './logs.ts'
import { runs } from './runs.ts'
import type { Strand } from './strand.ts'

/** All kinds of work that are done at the same time. */
export const strands: readonly Strand[] = [counters, runs, alarms, logs, jobs, gauges]
