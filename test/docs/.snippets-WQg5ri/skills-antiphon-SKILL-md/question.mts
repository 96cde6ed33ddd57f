// question.mts
import { resolve } from 'node:path'
import { start } from 'antiphon'

await using app = await start()
const { answer, citations } = await app.threads.ask({
  thread: 'main',
  prompt: 'When does the harbour close?',
  files: [resolve('texts')], // a folder, or a file
})
console.log(answer)
for (const { file, line } of citations) console.log(`${file}:${line}`)
