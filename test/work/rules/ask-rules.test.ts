import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { type AskedCall, askRules, refuserOf } from '../../../src/work/rules/ask-rules.ts'
import { type Rule, ruleOf } from '../../../src/work/rules/house-rules.ts'

type Asked = AskedCall<string, string>
type Around = (given: string, next: (changed?: string) => Promise<string>, rule: Rule) => unknown

/** Makes a call between rules, the outer ones first. The log has the call, as it was made. */
async function callBetween(rules: readonly Around[], more: Partial<Asked> = {}) {
  const log: string[] = []
  const named = rules.map((_, place) => ruleOf({ tool: () => {} }, `r${place}`))
  const asked = askRules<string, string>({
    rules: named,
    given: 'give',
    limit: 50,
    ask: (rule, given, next) => rules[named.indexOf(rule)]!(given, next, rule),
    accept: (given) => given,
    read: (answer, called) => {
      if (called === undefined && answer === undefined) throw new Error('no answer')
      return String(answer)
    },
    made: (why) => why,
    ...more,
  })
  const outcome = asked.then((opened) => {
    if (opened.type === 'answered') return opened.answer
    const call = async () => {
      log.push(opened.given)
      if (opened.given === 'fail') throw new Error('the tool failed')
      return `got ${opened.given}`
    }
    return opened.end(call())
  })
  const settled = await outcome.then(
    (answer) => ({ answer }),
    (error: Error) => ({ error: error.message }),
  )
  await sleep(0)
  return { ...settled, log }
}

it('passes a call on through all rules, which change it and its result from the outside in and back', async () => {
  const rules: Around[] = [async (given, next) => `${await next(`${given}1`)}!`, (given, next) => next(`${given}2`)]
  expect(await callBetween(rules)).toEqual({ answer: 'got give12!', log: ['give12'] })
})

it('leaves the result as it is where a rule returns nothing', async () => {
  expect(await callBetween([async (_, next) => void (await next())])).toEqual({ answer: 'got give', log: ['give'] })
})

it('makes no call that a rule refuses, and a rule around it cannot answer for it', async () => {
  const refuse: Around = (_, __, rule) => refuserOf(rule)('too late in the day')
  const reason = 'The rules of r1 refuse this call: too late in the day'
  const hushed: Around = (_, next) => next().catch(() => 'fine')
  expect(await callBetween([hushed, refuse])).toEqual({ error: reason, log: [] })
})

it.each([
  ['throws', () => Promise.reject(new Error('the list is gone')), 'the list is gone'],
  [
    'throws at once',
    () => {
      throw new Error('a bug')
    },
    'a bug',
  ],
  ['takes too long', () => sleep(500), 'it took longer than 0.05 s'],
  [
    'goes on too late',
    async (_: string, next: () => Promise<string>) => {
      await sleep(100)
      return next()
    },
    'it took longer than 0.05 s',
  ],
  ['gives no answer', () => undefined, 'no answer'],
] as const)('makes no call if a rule %s', async (_, rule, why) => {
  const { log, ...settled } = await callBetween([rule as Around])
  await sleep(120)
  expect([log, JSON.stringify(settled)]).toEqual([[], expect.stringContaining(why)])
})

it.each([
  ['throws', () => Promise.reject(new Error('the log is gone')), 'the log is gone'],
  ['takes too long', () => sleep(500), 'it took longer than 0.05 s'],
] as const)('says that the call was made if a rule %s after it', async (_, end, why) => {
  const rule: Around = async (_given, next) => {
    await next()
    return end()
  }
  const error = `The rules of r0 failed after the call was made: ${why}`
  expect(await callBetween([rule])).toEqual({ error, log: ['give'] })
})

it('makes one call, however often a rule asks for it', async () => {
  const rule: Around = async (_, next) => {
    await next()
    return next('again')
  }
  const { log, ...settled } = await callBetween([rule])
  expect([log, JSON.stringify(settled)]).toEqual([['give'], expect.stringContaining('`next` twice')])
})

it('keeps the error of the call, whatever a rule makes of it', async () => {
  const rule: Around = (_, next) => next('fail').catch(() => 'it went well')
  expect(await callBetween([rule])).toEqual({ error: 'the tool failed', log: ['fail'] })
})

it('makes no call that may not be made as a rule left it', async () => {
  const accept = (given: string) => {
    if (given !== 'give') throw new Error('not this')
    return given
  }
  expect(await callBetween([(_, next) => next('take')], { accept })).toEqual({ error: 'not this', log: [] })
})
