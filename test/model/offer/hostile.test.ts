import { describe, expect, it } from 'vitest'
import { isJsonObject } from '../../../src/kernel/json.ts'
import type { Json } from '../../../src/kernel/schema.ts'
import { parameterNames, withNames } from '../../../src/model/offer/parameter-names.ts'
import { acceptableSchema, namesOfSchema } from '../../../src/model/offer/tool-schema.ts'
import type { JsonSchema } from '../../../src/model/prompt/task.ts'
import { createModels } from '../../../src/model/registry.ts'
import { openWires, type WireName } from '../strict/wires.ts'
import { hostileSchemas } from './hostile.ts'

const SCHEMAS = hostileSchemas(300, 77)
const { signal } = new AbortController()
const BATCH = 100

const offers = (schemas: readonly Json[]) =>
  schemas.map((schema, at) => ({ name: `tool_${at}`, description: `Tool ${at}.`, schema: schema as JsonSchema }))

/** A call with all parameters that a schema names at its top. */
const inputFor = (schema: Json) => {
  const properties = (schema as { readonly properties?: unknown } | null)?.properties
  const names = isJsonObject(properties) ? Object.keys(properties) : []
  return Object.fromEntries(names.map((name) => [name, { [name]: [{ [name]: 1 }] }]))
}

describe('300 hostile schemas', () => {
  it.each<WireName>(['anthropic', 'openai', 'google', 'mistral'])(
    'are taken by a strict %s, calls come back with the own names, and earlier calls have the sent ones',
    async (wire) => {
      const servers = await openWires()
      const notices: string[] = []
      const config = { model: servers.idOf(wire), embedder: 'none', providers: servers.providers }
      const models = createModels(config, { LAB_KEY: 'k' }, {}, undefined, (line) => notices.push(line))
      for (let from = 0; from < SCHEMAS.length; from += BATCH) {
        const tools = offers(SCHEMAS.slice(from, from + BATCH))
        const taken = tools.filter(({ schema }) => 'schema' in acceptableSchema(schema)).slice(0, 20)
        const inputs = taken.map(({ schema }) => inputFor(schema as Json))
        const sent = taken.map(
          ({ name, schema }, at) => [name, withNames(inputs[at]!, namesOfSchema(schema).sent)] as const,
        )
        const talk = servers.open(`talk-${wire}-${from}`, [{ calls: sent as never }, { text: 'Done.' }])
        const ask = (rounds: Parameters<typeof models.generate>[0]['rounds'] = []) =>
          models.generate(
            { task: { kind: 'write' }, documents: [], instruction: `Go (talk-${wire}-${from}).`, tools, rounds },
            { signal },
          )
        const { calls = [], said = [] } = await ask()
        expect(calls.map(({ name, input }) => [name, input])).toEqual(taken.map(({ name }, at) => [name, inputs[at]]))
        await ask([{ said, results: calls.map(({ id, name }) => ({ id, name, output: 'ok' })) }])
        expect(talk.faults).toEqual([])
      }
      const faults = SCHEMAS.filter((schema) => 'fault' in acceptableSchema(schema))
      expect(faults.length).toBeGreaterThan(0)
      expect(faults.length).toBeLessThan(20)
      expect(notices.some((line) => /^the tool `tool_\d+` is not offered to models: /.test(line))).toBe(true)
      expect(notices.some((line) => line.includes('has parts that providers refuse'))).toBe(true)
      expect(new Set(notices).size).toBe(notices.length)
    },
  )

  it('get names that are ASCII, short, and no other name of the tool', () => {
    const tables = SCHEMAS.map((schema) => namesOfSchema(schema))
    expect(tables.filter(({ own }) => own.size > 1).length).toBeGreaterThan(100)
    for (const { own, sent } of tables) {
      expect(own.size).toBe(sent.size)
      for (const name of own.keys()) expect(name).toMatch(/^[A-Za-z0-9_.-]{0,55}_[0-9a-f]{8}$/)
    }
    const { sent } = parameterNames({ properties: { 'a<': {} } })
    const [taken] = [...sent.values()] as [string]
    const both = parameterNames({ properties: { 'a<': { properties: { [taken]: {} } } } })
    expect(both.sent.get('a<')).not.toBe(taken)
  })
})
