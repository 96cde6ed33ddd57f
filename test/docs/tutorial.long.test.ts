import { test } from 'vitest'
import { followPage } from './follow-page.ts'
import { read } from './program.ts'

// on a busy machine four seconds may be too short or too long: kill it when the second text is counted, slowly
const TOOL = 'tools/count-words.mts'
const COUNTS_SECOND = 'npx antiphon why last 2>&1 | grep -q "each_[1-4]_count"'
const slowly = (command: string) =>
  [
    `sed -i.bak s/1000/4000/ ${TOOL}`,
    command.trim().replace('sleep 4', `for n in $(seq 40); do if ${COUNTS_SECOND}; then break; fi; sleep 0.2; done`),
    `mv ${TOOL}.bak ${TOOL}`,
  ].join('; ')

// dear: each command of the page is a process
test('the tutorial goes as the page says', { timeout: 300_000 }, async () => {
  // the package's own test installs it
  const [, page = ''] = (await read('docs/tutorial.md')).split('\n## 2. ')
  await followPage(page, { runs: 'all', change: (text) => (text.includes('sleep 4') ? slowly(text) : text) })
})
