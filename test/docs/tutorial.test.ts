import { test } from 'vitest'
import { followPage } from './follow-page.ts'
import { read } from './program.ts'

// on a busy machine four seconds may be too short or too long
const UNTIL_SECOND_TEXT = 'until npx antiphon why last 2>&1 | grep -q "each_[1-4]_count"; do sleep 0.2; done'

test('the tutorial goes as the page says', { timeout: 120_000 }, async () => {
  // the package's own test installs it
  const [, page = ''] = (await read('docs/tutorial.md')).split('\n## 2. ')
  await followPage(page, { runs: 'all', change: (text) => text.replace('sleep 4', UNTIL_SECOND_TEXT) })
})
