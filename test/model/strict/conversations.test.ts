import { describe, expect, it } from 'vitest'
import { createModels } from '../../../src/model/registry.ts'
import type { ModelRequest } from '../../../src/model/request/request.ts'
import type { Wire } from '../../../src/model/wire/rules.ts'
import { CONVERSATIONS } from './conversations.ts'
import { faultsOf, playAll } from './talks.ts'
import { openWires, WIRES, type WireName } from './wires.ts'

const some = (...names: readonly string[]) => names.map((name) => [name, CONVERSATIONS[name]!] as const)

it('conversations go well with each provider', async () => {
  const played = await playAll(
    some(
      'thoughts and a text before parallel calls',
      'an approval',
      'a message while a call runs',
      'a stop while a call runs',
      'a change of the model and back',
      'another process',
    ),
  )
  expect(faultsOf(played)).toEqual([])
})

describe('a double', () => {
  it.each<[WireName, Wire, string, string]>([
    ['mistral', 'openai', 'a message while a call runs', 'a message of the user follows a result'],
    ['mistral', 'compatible', 'a change of the model and back', "property 'reasoning_content' is unsupported"],
    ['compatible', 'openai', 'the state of an environment in each round', 'the roles do not alternate'],
    ['deepseek', 'compatible', 'calls in a row', 'it lacks reasoning_content'],
    ['deepseek', 'openai', 'two messages while calls run', 'expected a string'],
    ['groq', 'compatible', 'thoughts, then a call', "property 'reasoning' is unsupported"],
  ])('of %s refuses what is meant for %s: %s', async (wire, other, what, fault) => {
    const played = await playAll(some(what), [wire], { [wire]: { wire: other } })
    expect(faultsOf(played).join('\n')).toContain(fault)
  })
})

describe('JSON', () => {
  const schema = { type: 'object', properties: { sum: { type: 'integer' } }, required: ['sum'] }
  const { signal } = new AbortController()

  it.each(WIRES)('comes from %s, and a format that it refused is not asked for again', async (wire) => {
    const servers = await openWires()
    const config = { model: servers.idOf(wire), embedder: 'none', providers: servers.providers }
    const notices: string[] = []
    const models = createModels(config, { LAB_KEY: 'k' }, {}, undefined, (line) => notices.push(line))
    const refusals = ['groq'].includes(wire) ? 1 : 0
    const talk = servers.open(
      `talk-${wire}-0`,
      Array.from({ length: 2 + refusals }, () => ({ text: '{"sum":2}' })),
    )
    const request: ModelRequest = {
      task: { kind: 'write' },
      documents: [],
      instruction: `Count (talk-${wire}-0).`,
      schema,
    }
    for (let round = 0; round < 2; round++)
      expect((await models.generate(request, { signal })).object).toEqual({ sum: 2 })
    expect([talk.requests.length, talk.faults.length, notices.length]).toEqual([2 + refusals, refusals, refusals])
  })
})
