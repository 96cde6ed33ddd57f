import { describe, expect, it } from 'vitest'
import { withoutWrittenCalls } from '../../../src/agent/goal/think/written-call.ts'
import { answer, CLERK, openGoals } from './folder.ts'

const OFFERED = new Set(['pay', 'filesystem_read'])
const NOT_MADE = 'The model wrote a call of a tool as text, so the call was not made.'
const pay = '{"name": "pay", "arguments": {"cents": 5}}'

describe('a call that a model writes as text', () => {
  it.each([
    ['<tool_call>', `<tool_call>\n${pay}\n</tool_call>`],
    ['an open <tool_call>', `<tool_call>${pay}`],
    ['<tool_call> with keys', '<tool_call>pay\n<arg_key>cents</arg_key>\n<arg_value>5</arg_value>\n</tool_call>'],
    ['<function=…>', '<function=pay>\n<parameter=cents>\n5\n</parameter>\n</function>'],
    [
      '<tool_call> around <function=…>',
      '<tool_call>\n<function=pay>\n<parameter=cents>5</parameter>\n</function>\n</tool_call>',
    ],
    [
      '<function_calls>',
      '<function_calls>\n<invoke name="pay">\n<parameter name="cents">5</parameter>\n</invoke>\n</function_calls>',
    ],
    ['<invoke>', '<invoke name="pay"><parameter name="cents">5</parameter></invoke>'],
    ['[TOOL_CALLS]', `[TOOL_CALLS][${pay}]`],
    ['[TOOL_CALLS] with a name', '[TOOL_CALLS]pay[ARGS]{"cents": 5}'],
    ['<|tool_call|>', `<|tool_call|>[${pay}]`],
    [
      'marks of DeepSeek',
      '<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>pay\n{}<｜tool▁call▁end｜><｜tool▁calls▁end｜>',
    ],
    [
      'marks of Kimi',
      '<|tool_calls_section_begin|><|tool_call_begin|>functions.pay:0<|tool_call_argument_begin|>{}<|tool_call_end|><|tool_calls_section_end|>',
    ],
    ['<|python_tag|>', `<|python_tag|>${pay}`],
    ['a channel', '<|channel|>commentary to=functions.pay <|message|>{"cents": 5}'],
    ['JSON of an offered tool', pay],
    ['fenced JSON of an offered tool', `\`\`\`json\n[{"type": "function", "function": ${pay}}]\n\`\`\``],
  ])('as %s is not an answer', (_, text) => {
    expect(withoutWrittenCalls(text, OFFERED)).toEqual({ text: NOT_MADE, lacks: NOT_MADE })
  })

  it('leaves the rest of the text', () => {
    const text = `I pay \`5\` cents.\n<tool_call>${pay}</tool_call>\nDone.`
    expect(withoutWrittenCalls(text, OFFERED)?.text).toBe('I pay `5` cents.\n\nDone.')
  })

  it.each([
    ['a mark in prose', 'The tag <tool_call> stands around a call, and [TOOL_CALLS] before a list of them.'],
    ['a block of code', `Write it like this:\n\`\`\`xml\n<tool_call>${pay}</tool_call>\n\`\`\``],
    ['an open block of code', `\`\`\`\n<function=pay>5</function>`],
    ['code in a line', `Write \`<tool_call>${pay}</tool_call>\`.`],
    ['JSON of another name', '{"name": "Ann", "arguments": {"age": 5}}'],
    ['JSON with more fields', '{"name": "pay", "parameters": {}, "price": 5}'],
    ['JSON in a sentence', `The call is ${pay}.`],
    ['other XML', '<order><name>pay</name></order>'],
  ])('is not %s', (_, text) => {
    expect(withoutWrittenCalls(text, OFFERED)).toBeUndefined()
  })
})

it('a goal whose model writes a call as text is degraded, says so, and does not answer with it', async () => {
  const text = '<tool_call>\n{"name": "filesystem_read", "arguments": {"path": "a.txt"}}\n</tool_call>'
  const { runtime, model } = await openGoals([{ ...answer(text), times: 1 }, answer('Hello.')])
  const send = (id: string) => runtime.conversations.send({ conversation: 'talk', agent: CLERK, text: 'Read.', id })
  expect(await send('m1')).toMatchObject({ status: 'completed', answer: NOT_MADE, lacks: [NOT_MADE] })
  expect(await runtime.goals.get('talk.m1')).toMatchObject({ degraded: true, rounds: [{ text: NOT_MADE }] })
  await send('m2')
  expect(model.calls[1]!.prompt).not.toContain('<tool_call>')
})
