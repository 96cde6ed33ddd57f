import { expect, it } from 'vitest'
import { exactJson } from '../../../src/http/routing/body.ts'
import { mayLosePrecision } from '../../../src/kernel/json.ts'
import { fc, runs } from '../../property.ts'
import { openApp, post } from '../bench.ts'

it.each([
  ['{"inputs":{"a":[1,{"b":-1e400}]}}', 'inputs.a.1.b'],
  [`{"pipeline":"p","inputs":{"a":1${'0'.repeat(400)}}}`, 'inputs.a'],
  ['{"inputs":{"":1E0400}}', 'inputs.'],
  ['1e400', ''],
])('refuses a number that would be none: %s', async (body, path) => {
  const { app } = openApp()
  const response = await app.request('/v1/runs', post(body))
  expect(response.status).toBe(400)
  expect(await response.json()).toMatchObject({
    code: 'invalid_input',
    detail: `body${path && `.${path}`}: the number is too large to represent.`,
    place: { path },
  })
})

it.each([
  ['1098765432109876543', '1098765432109876543'],
  ['-9007199254740993', '-9007199254740993'],
  ['[1098765432109876543, "1098765432109876543"]', ['1098765432109876543', '1098765432109876543']],
  ['100000000000000000000000', '100000000000000000000000'],
  // all digits are there, or it is as programs write it that have no others
  ['9007199254740992', 2 ** 53],
  ['1152921504606846976', 2 ** 60],
  ['1098765432109876500', 1098765432109876500],
  ['1e300', 1e300],
  ['12345678901234567.89', '12345678901234567.89'],
  ['0.12345678901234567890', 0.12345678901234568],
])('keeps the digits of a whole number: %s', (text, value) => {
  expect(exactJson(text, 'body')).toEqual(value)
})

it('all that a program can say is as it said it', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = JSON.stringify(value)
      expect(exactJson(text, 'body')).toEqual(JSON.parse(text))
    }),
    runs(200),
  )
})

it('a run is given the digits of an id', async () => {
  const { app, runtime, file } = openApp()
  const given: unknown[] = []
  const { start } = runtime.runs
  runtime.runs.start = (request) => {
    given.push(request.inputs)
    return start(request)
  }
  const body = `{"file":${JSON.stringify(file(['one']))},"inputs":{"id":1098765432109876543}}`
  expect((await app.request('/v1/runs', post(body))).status).toBe(202)
  expect(given).toEqual([{ id: '1098765432109876543' }])
})

it('numbers that are written short are read as they always were', () => {
  for (const text of ['{"a":99,"b":123456789012345,"c":"1e400 x"}', '[1.5,-1e-300]'])
    expect(mayLosePrecision(text)).toBe(false)
})
