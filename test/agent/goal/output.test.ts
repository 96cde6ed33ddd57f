import { describe, expect, it } from 'vitest'
import type { AgentDefinition } from '../../../src/agent/definition/definition.ts'
import { readFinalAnswer } from '../../../src/agent/goal/think/final-answer.ts'
import type { Json } from '../../../src/kernel/schema.ts'
import type { Effects } from '../../../src/kernel/types.ts'
import type { ScriptedTurn } from '../../../src/testing/scripted-model.ts'
import { openTeam } from '../several/team.ts'
import { answer, CLERK, call, openGoals } from './folder.ts'

const SUPPORT: AgentDefinition = {
  ...CLERK,
  output: {
    type: 'object',
    properties: { answer: { type: 'string' }, refunded: { type: 'boolean' } },
    required: ['answer', 'refunded'],
    additionalProperties: false,
  },
}
const VALUE = { answer: 'It is paid back.', refunded: true }

const once = (text: string): ScriptedTurn => ({ ...answer(text), times: 1 })
const final = (input: Json, times = 1) => call('final_answer', input, times)

/** Works for one goal with a script. */
async function work(script: readonly ScriptedTurn[], agent: AgentDefinition = SUPPORT) {
  const opened = await openGoals(script)
  const { id } = await opened.runtime.goals.start({ agent, goal: 'Pay the lamp back.', id: 'lamp' })
  await opened.runtime.idle()
  return { ...opened, goal: await opened.runtime.goals.get(id) }
}

describe('the answer of an agent with an output', () => {
  it('is the value of a call of final_answer', async () => {
    const { goal, model } = await work([call('filesystem_list', { path: '.' }), final(VALUE)])
    expect(goal).toMatchObject({ status: 'completed', output: VALUE, answer: JSON.stringify(VALUE) })
    expect(goal.rounds[1]!.calls).toMatchObject([{ tool: 'final_answer', parameters: VALUE, outcome: 'succeeded' }])
    const offered = model.calls[0]!.options.tools!.map(({ name }) => name)
    expect(offered).toContain('final_answer')
    expect(model.calls[0]!.prompt).toContain('by a call of final_answer')
  })

  it.each([
    ['JSON alone', JSON.stringify(VALUE)],
    ['JSON in a fence', `\`\`\`json\n${JSON.stringify(VALUE, null, 2)}\n\`\`\`\n`],
  ])('may be a text that is %s', async (_, text) => {
    const { goal } = await work([once(text)])
    expect(goal).toMatchObject({ status: 'completed', output: VALUE })
  })

  it.each<[string, ScriptedTurn, string]>([
    ['a text that is not JSON', once('It is paid back.'), 'a text that is not JSON alone'],
    ['JSON with a text around it', once(`Here: ${JSON.stringify(VALUE)}`), 'a text that is not JSON alone'],
    ['JSON without its end', once('{"answer": "It is pa'), 'a text that is not JSON alone'],
    ['a value of a wrong type', final({ answer: 'x', refunded: 'maybe' }), 'refunded: expected true or false'],
    ['a missing field', final({ answer: 'x' }), 'refunded: '],
    ['a list', final([VALUE]), 'final answer was not accepted'],
    ['an unknown field', final({ ...VALUE, more: 1 }), 'more'],
    ['several faults', final({ answer: 1, refunded: 2 }), 'answer: expected a string, got a number; refunded: '],
    ['a huge value', final({ answer: 'x'.repeat(70_000), refunded: true }), 'expected at most 65536 bytes'],
  ])('goes back to the model when it is %s', async (_, turn, told) => {
    const { goal, model } = await work([turn, final(VALUE)])
    expect(goal).toMatchObject({ status: 'completed', output: VALUE })
    expect(model.calls[1]!.prompt).toContain(told)
  })

  it('fails the goal when it is wrong for the third time', async () => {
    const { goal, model } = await work([once('Done.'), final({ answer: 'x' }, 2), final(VALUE)])
    expect(model.calls).toHaveLength(3)
    expect(goal).toMatchObject({
      status: 'failed',
      problem: { code: 'invalid_output', data: { reply: '{"answer":"x"}' } },
    })
    expect(goal.problem!.message).toContain('refunded: ')
    expect(goal).not.toHaveProperty('output')
  })

  it('counts only as the only call of its round', async () => {
    const both: ScriptedTurn = {
      calls: [
        { name: 'final_answer', input: VALUE },
        { name: 'filesystem_list', input: { path: '.' } },
      ],
      times: 1,
    }
    const { goal, model } = await work([both, final({ ...VALUE, refunded: false })])
    expect(goal).toMatchObject({ status: 'completed', output: { refunded: false } })
    expect(goal.rounds[0]!.calls).toMatchObject([{ outcome: 'refused' }, { outcome: 'succeeded' }])
    expect(model.calls[1]!.prompt).toContain('has to be the only call of its round')
  })

  it('is wrong if its call is cut', async () => {
    const effects = {} as Effects
    const calls = [{ id: '1', name: 'final_answer', unread: '{"answer": "It is pa', cut: true as const }]
    const wrong = { wrong: 'it was cut', text: '{"answer": "It is pa' }
    const checking = { definition: SUPPORT, outputOf: () => undefined }
    expect(await readFinalAnswer({ text: '', calls }, checking, 'it was cut', effects)).toEqual(wrong)
  })

  it('keeps all digits of a long number', async () => {
    const schema = { type: 'object', properties: { order: { type: 'string' } }, required: ['order'] }
    const { goal } = await work([once('{"order": 1098765432109876543}')], { ...CLERK, output: schema })
    expect(goal.output).toEqual({ order: '1098765432109876543' })
  })

  it('fails a goal whose schema cannot be used, before a model is asked', async () => {
    const { goal, model } = await work([final(VALUE)], { ...CLERK, output: { type: 'array' } })
    expect(goal).toMatchObject({ status: 'failed' })
    expect(goal.problem!.message).toContain('final_answer cannot be offered')
    expect(model.calls).toEqual([])
  })

  it.each([
    ['answer: "{{ read.result.content }}", refunded: true', []],
    ['said: "{{ read.result.content }}"', [final({ answer: 'ebb', refunded: true })]],
  ])('may come from a playbook whose outputs fit: %s', async (outputs, script) => {
    const { runtime, write, model } = await openGoals(script)
    const step = '{ id: read, tool: filesystem, action: read, parameters: { path: a.txt } }'
    write('copy.yaml', `name: copy\nsteps:\n  - ${step}\noutputs: { ${outputs} }\n`)
    write('a.txt', 'ebb')
    const agent = { ...SUPPORT, description: 'Copies the note', playbook: 'copy.yaml' }
    const { id } = await runtime.goals.start({ agent, goal: 'Copy the note' })
    await runtime.idle()
    expect(await runtime.goals.get(id)).toMatchObject({
      status: 'completed',
      output: { answer: 'ebb', refunded: true },
    })
    expect(model.calls).toHaveLength(script.length)
    if (model.calls[0]) expect(model.calls[0].prompt).toContain('It does not fit the output: answer: ')
  })

  it('passes through a hand-off and a step of a pipeline', async () => {
    const reviewer = ['description: Reviews', 'tools: Read', `output: ${JSON.stringify(SUPPORT.output)}`]
    const lead = ['description: Leads', 'tools: Read', 'agents: [reviewer]']
    const { runtime } = await openTeam([call('hand_off_reviewer', {}), final(VALUE)], { lead, reviewer })
    const step = '{ id: review, action: agent, parameters: { agent: lead, goal: Go. } }'
    const text = `name: ask\nsteps:\n  - ${step}\noutputs: { back: "{{ review.result.output.refunded }}" }\n`
    const { id } = await runtime.runs.start({ source: { text } })
    await runtime.idle()
    expect(await runtime.runs.get(id)).toMatchObject({ status: 'completed', outputs: { back: true } })
    expect(await runtime.goals.get(`${id}.review`)).toMatchObject({ output: VALUE, answer: JSON.stringify(VALUE) })
  })

  it('is the result of a message of a conversation, whose next message shows it', async () => {
    const { runtime, model } = await openGoals([final(VALUE), final({ ...VALUE, refunded: false })])
    const message = { conversation: 'talk', agent: SUPPORT, text: 'My lamp is broken.', id: 'm1' }
    const reply = await runtime.conversations.send(message)
    expect(reply).toMatchObject({ status: 'completed', output: VALUE, answer: JSON.stringify(VALUE) })
    await runtime.conversations.send({ ...message, text: 'And now?', id: 'm2' })
    const said = model.calls[1]!.options.prompt.filter(({ role }) => role === 'assistant')
    expect(JSON.stringify(said)).toContain('It is paid back.')
  })
})
