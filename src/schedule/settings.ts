import { z } from 'zod'
import { scheduleName, scheduleSchema } from './definition.ts'

/** The key of antiphon.yaml for schedules: what starts by itself, by name. The local owner has them. */
export const scheduleSettings = { schedules: z.record(scheduleName, scheduleSchema).exactOptional() }
