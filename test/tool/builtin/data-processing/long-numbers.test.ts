import { expect, test } from 'vitest'
import { dataTools } from '../../../../src/tool/builtin/tools.ts'
import { createToolbox } from '../../../../src/tool/toolbox.ts'
import { call, contextAt, workFolder } from '../../context.ts'

const place = workFolder()
const toolbox = createToolbox(dataTools)
const run = (operation: string, input: { readonly [name: string]: unknown }) =>
  call(toolbox.find('data-processing', operation)!, input, contextAt(place.root))

const IDS = ['1098765432109876543', '1098765432109876544', '1098765432109876548']
const CSV = `id,n\n${IDS.map((id) => `${id},1\n`).join('')}`
const JSON_TEXT = `[${IDS.map((id) => `{"id": ${id}, "n": 1}`).join()}]`

test.each([CSV, JSON_TEXT])('a profile of long ids keeps their digits: %s', async (data) => {
  expect(await run('profile', { data })).toMatchObject({
    duplicate_rows: 0,
    columns: {
      id: {
        data_type: 'integer',
        unique_count: 3,
        min: IDS[0],
        max: IDS[2],
        median: IDS[1],
        sum: '3296296296329629635',
        mean: '1098765432109876545',
      },
    },
  })
})

test.each([
  ['median', IDS[1]],
  ['sum', '3296296296329629635'],
  ['min', IDS[0]],
  ['count_distinct', 3],
])('aggregates long ids exactly: %s', async (operation, result) => {
  const { data } = (await run('transform', {
    data: JSON_TEXT,
    operations: [{ type: 'aggregate', operation, field: 'id' }],
  })) as { readonly data: readonly object[] }
  expect(data).toEqual([{ [`id_${operation}`]: result }])
})

test('a sum never loses digits silently', async () => {
  const sumOf = (cells: string) =>
    run('transform', {
      data: `id\n${cells}`,
      format: 'csv',
      operations: [{ type: 'aggregate', operation: 'sum', field: 'id' }],
    })
  expect(await sumOf('1098765432109876543\n-1098765432109876542\n')).toMatchObject({ processed_data: [{ id_sum: 1 }] })
  expect(await sumOf('9007199254740991\n2\n')).toMatchObject({ processed_data: [{ id_sum: '9007199254740993' }] })
  await expect(sumOf('1098765432109876543\n0.5\n')).rejects.toThrow(/no exact sum/)
})

test.each([
  ['id % 10 == 3', 1],
  ['id - 1098765432109876543 == 1', 1],
  ['id is even', 2],
  ['id >= 1098765432109876544', 2],
])('a condition sees all digits: %s', async (condition, filtered_count) => {
  expect(await run('filter', { data: CSV, condition })).toMatchObject({ filtered_count })
})

test('a cast to integer and a gap between long ids keep the digits', async () => {
  const cast = { data: JSON_TEXT, operations: [{ type: 'cast', columns: { id: 'integer' } }] }
  expect(await run('transform', cast)).toMatchObject({ processed_data: IDS.map((id) => ({ id })) })
  const data = [{ id: IDS[0] }, { id: null }, { id: '1098765432109876547' }]
  expect(await run('clean', { data, handle_missing: 'interpolate' })).toMatchObject({
    processed_data: [{ id: IDS[0] }, { id: '1098765432109876545' }, { id: '1098765432109876547' }],
  })
})

test.each([
  ['[{"a": 1}, {"a": 2},]', 'line 1, column 21: expected a value'],
  ['{"a": 1}\n{"a": 2}', 'line 2, column 1: expected the end of the text'],
])('broken JSON is never taken as a text: %s', async (data, where) => {
  await expect(run('convert', { data })).rejects.toThrow(`data: the text is not JSON: ${where}`)
  await expect(run('filter', { data, condition: 'a > 1' })).rejects.toThrow(where)
})
