import { expect, it } from 'vitest'
import { CODES } from '../../../src/contract/facts.ts'
import { TerminalError } from '../../../src/errors.ts'
import { documentOf, thrownFrom } from '../../../src/http/wire/problem.ts'

it('each status that an error has is called by its name', () => {
  const codes = Object.keys(CODES)
  expect(codes).toEqual(expect.arrayContaining(['not_found', 'not_offered', 'out_of_money']))
  const documents = codes.map((code) => documentOf(new TerminalError('x', { code })))
  expect(documents.filter(({ title }) => title === 'Error').map(({ status }) => status)).toEqual([])
  expect(documentOf(new TerminalError('x', { code: 'not_offered' }))).toMatchObject({
    ...{ title: 'Not Implemented', status: 501 },
  })
})

it('only another process of the program gets the cause of an error', () => {
  const cause = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })
  const error = new TerminalError('x', { code: 'not_offered', cause })
  expect(documentOf(error)).not.toHaveProperty('details')
  expect(thrownFrom(documentOf(error, true))).toMatchObject({ message: 'x', cause: { code: 'ECONNREFUSED' } })
  expect(JSON.stringify(documentOf(error))).not.toContain('refused')
})
