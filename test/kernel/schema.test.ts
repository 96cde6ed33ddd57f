import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { parse } from '../../src/kernel/schema.ts'

const schema = z.object({ steps: z.array(z.object({ name: z.string() })).default([]) })

describe('parse', () => {
  it('gives what the schema makes of its input', async () => {
    expect(await parse(schema, {})).toEqual({ steps: [] })
  })

  it('names the first wrong field by its path', async () => {
    const wrong = parse(schema, { steps: [{ name: 'a' }, { name: 1 }] }, 'pipeline')
    await expect(wrong).rejects.toMatchObject({
      name: 'InvalidError',
      code: 'invalid_input',
      message: expect.stringContaining('pipeline.steps.1.name: '),
      place: { path: 'steps.1.name' },
    })
  })

  it('names the types of which a value may have one', async () => {
    const either = z.object({ pipeline: z.union([z.string(), z.record(z.string(), z.json())]) })
    await expect(parse(either, { pipeline: 1 }, 'parameters')).rejects.toMatchObject({
      message: 'parameters.pipeline: Invalid input: expected string or record',
    })
  })

  it('names the whole when the whole is wrong', async () => {
    await expect(parse(schema, 'text', 'pipeline')).rejects.toMatchObject({
      message: expect.stringMatching(/^pipeline: /),
    })
  })
})
