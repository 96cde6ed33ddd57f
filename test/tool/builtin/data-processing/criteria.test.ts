import { expect, it } from 'vitest'
import { filterTool } from '../../../../src/tool/builtin/data-processing/filter.ts'
import { call, contextAt, workFolder } from '../../context.ts'

const place = workFolder()
const DATA = [
  { n: 1, t: 'a', paid: true, of: { id: 1 } },
  { n: 7, t: '>5', paid: false, of: { id: 2 } },
]
const filter = (operation: object) => call(filterTool, { data: DATA, operation }, contextAt(place.root))

it.each([
  [{ criteria: { n: '> 5' } }, 'criteria.n: expected a value, got a comparison: "> 5"'],
  [{ criteria: { n: { gt: 5 } } }, 'criteria.n: expected a value or a list of values, got {"gt":5}'],
  [{ criteria: { n: 'abc' } }, 'criteria.n: expected a number, as the column has, got "abc"'],
  [{ criteria: { n: [1, 'x'] } }, 'criteria.n: expected a number'],
  [{ criteria: { paid: 'yes' } }, 'criteria.paid: expected true or false'],
  [{ criteria: { m: 1 } }, 'there is no column `m`'],
  [{ criteria: { n: 1 }, operator: '>' }, 'operation.operator: expected criteria or a condition'],
  [{ condition: "n > 'abc'" }, 'row 1'],
])('a criterion of a wrong form is an error with its place: %j', async (operation, message) => {
  await expect(filter(operation)).rejects.toMatchObject({
    name: 'InvalidError',
    message: expect.stringContaining(message),
  })
})

it.each([
  [{ n: '1' }, 1],
  [{ n: [1, 7, 9] }, 2],
  [{ t: '>5' }, 1],
  [{ t: 'no such text' }, 0],
  [{ paid: 'true' }, 0],
  [{ of: { id: 2 } }, 1],
  [{ t: null }, 0],
])('a criterion of the right form keeps its rows: %j', async (criteria, count) => {
  expect(await filter({ criteria })).toMatchObject({ filtered_count: count })
})
