// Saves results until it is killed: node saver.ts DATA
import { openTests } from '../../src/tested/room/files.ts'
import { caseOf, resultOf } from './example.ts'

const tests = openTests(process.argv[2]!)
for (let n = 1; ; n++) {
  await tests.save(resultOf({ at: Date.now(), cases: [caseOf('greets', { answer: 'Hello. '.repeat(1000) })] }))
  console.log(n)
}
