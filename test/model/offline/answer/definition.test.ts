import { expect, it } from 'vitest'
import { definitionGrade, readDefinitionQuestion } from '../../../../src/model/offline/answer/definition.ts'

it.each([
  ['What is a turn?', 'turn', false, true],
  ['Who is the harbour master?', 'harbour master', true, true],
  ['What does demurrage mean?', 'demurrage', false, true],
  ['What is the rent?', 'rent', false, false],
  ['Was ist ein Ehrenmitglied?', 'Ehrenmitglied', false, true],
  ['Wer ist die Vorsitzende?', 'Vorsitzende', true, true],
])('%s asks what its subject is', (question, subject, isWho, isStrict) => {
  expect(readDefinitionQuestion(question)).toEqual({ subject, isWho, isStrict })
})

it.each(['What is the price of tea?', 'Who pays for the roof?', 'When is it open?', 'What is in the box?'])(
  '%s asks for no definition',
  (question) => expect(readDefinitionQuestion(question)).toBeUndefined(),
)

it.each<readonly [string, string, number]>([
  ['What is a turn?', 'A turn is the handling of one message.', 2],
  ['What is a turn?', '"Turn" means one message and its answer.', 2],
  ['What is a turn?', 'Turn: one message and its answer.', 2],
  ['What is a turn?', 'A turn is committed whole.', 1],
  ['What is a turn?', 'The engine may repeat a turn after a crash.', 0],
  ['What is a turn?', 'The term "Turn" shall mean one message.', 2],
  ['What is a turn?', 'The turn has two parts.', 1],
  ['What are turns?', 'Turns are explained below.', 1],
  ['What is quill?', 'Quill turns Markdown into PDF.', 2],
  ['What is LIMIT?', 'export const LIMIT = 4', 2],
  ['Was ist ein Ehrenmitglied?', 'Ein Ehrenmitglied ist eine Person mit Verdiensten.', 2],
  ['Was ist ein Kassenwart?', 'Der Vorstand besteht aus dem Kassenwart.', 0],
  ['Who is the steward?', 'Anna Berg is the steward.', 2],
  ['Who is the steward?', 'Steward: Anna Berg', 2],
  ['Who is the steward?', 'Ask the steward, Anna Berg, for a key.', 2],
  ['Who is the steward?', 'The steward may publish a new version.', 0],
  ['Who is the steward?', 'The steward is elected each year.', 1],
])('%s: %s', (question, text, grade) => {
  expect(definitionGrade(text, readDefinitionQuestion(question)!)).toBe(grade)
})
