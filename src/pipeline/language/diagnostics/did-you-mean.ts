import { nearestWord, orList } from '../../../lib/suggest.ts'

/** "Did you mean `x`?" with the known word nearest to `word`; undefined when none is near. */
export function didYouMean(word: string, known: readonly string[]): string | undefined {
  const spelled = word.toLowerCase().replaceAll('-', '_')
  const meant = Object.hasOwn(SYNONYMS, spelled) ? SYNONYMS[spelled] : undefined
  const near = meant?.find((other) => known.includes(other)) ?? nearestWord(word, known)
  return near === undefined ? undefined : `Did you mean \`${near}\`?`
}

/** A suggestion if there is one, else the known words, if they are few enough to list. */
export function suggestOrList(word: string, known: readonly string[], what: string): string | undefined {
  return orList(didYouMean(word, known), known, what)
}

/** Words of other tools, with their names in antiphon. */
const SYNONYMS: { readonly [word: string]: readonly string[] | undefined } = {
  action: ['handler_action'],
  operation: ['action'],
  args: ['parameters'],
  params: ['parameters'],
  with: ['parameters'],
  depends: ['depends_on'],
  needs: ['depends_on'],
  requires: ['depends_on'],
  when: ['condition'],
  retries: ['retry', 'max_retries'],
  max_retry: ['retry', 'max_retries'],
  attempts: ['retry', 'max_retries'],
  max_attempts: ['retry', 'max_retries'],
  delay: ['initial_delay'],
  retry_delay: ['initial_delay'],
  backoff: ['backoff_factor'],
  backoff_multiplier: ['backoff_factor'],
  multiplier: ['backoff_factor'],
  parallel: ['max_parallel'],
  max_concurrent: ['max_parallel'],
  concurrency: ['max_parallel', 'max_concurrent'],
  on_fail: ['on_failure'],
  uses: ['tool'],
  cmd: ['command'],
  exit_code: ['return_code'],
  output: ['stdout'],
  question: ['prompt'],
  msg: ['message'],
  source: ['path'],
  src: ['path'],
  file: ['path', 'filesystem'],
  process: ['data-processing'],
  shell: ['terminal'],
  bash: ['terminal'],
  python: ['python-executor'],
  memory: ['mcp-memory'],
  http: ['http-client'],
  search: ['web-search'],
  prompt: ['user-prompt'],
  approval: ['approval-gate'],
  date: ['string'],
  datetime: ['string'],
  filename: ['path'],
  file_name: ['path'],
  file_path: ['path'],
  filepath: ['path'],
  dest: ['destination'],
  body: ['content'],
  save: ['write'],
  write_file: ['write'],
  save_file: ['write'],
  read_file: ['read'],
  load: ['read'],
  delete_file: ['delete'],
  remove: ['delete'],
  list_files: ['list'],
  list_directory: ['list'],
  create_directory: ['mkdir'],
  success: ['completed'],
  succeeded: ['completed'],
  ok: ['completed'],
  done: ['completed'],
  finished: ['completed'],
  failure: ['failed'],
  error: ['failed'],
}
