import { z } from 'zod'
import { defineTool } from '../../../src/index.ts'

const tool = (name: string, input: z.ZodType<object>) =>
  defineTool({ name, description: 'Does something', effect: 'pure', input, execute: () => 'done' })

/** Its parameters are a text, so no model can call it. */
const shout = tool('shout', z.string() as unknown as z.ZodType<object>)

/** Its parameters are one of two objects. */
const circle = z.object({ radius: z.number() })
const square = z.object({ side: z.number() })
const draw = tool('draw', z.union([circle, square]))

/** A tool with an operation for each of many things. */
const many = Array.from({ length: 128 }, (_, n) => tool(`many:o${n}`, z.object({})))

export default [shout, draw, ...many]
