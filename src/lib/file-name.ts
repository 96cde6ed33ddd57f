/** The ending of a file name without its dot, in lower case; undefined: the text is not a file name. Pure. */
export function endingOfName(text: string): string | undefined {
  const line = text.trim()
  const [, ending] = DATA_FILE.exec(line) ?? DOCUMENT.exec(line) ?? []
  return ending?.toLowerCase()
}

/** A line that ends like a file with data. The name may hold spaces. */
const DATA_FILE =
  /^[^\n\r[{"][^\n\r]{0,4000}\.(jsonl|ndjson|tsv|psv|xlsx?|xls[mb]|ods|parquet|feather|arrow|avro|orc|geojson|json5|jsonc|sqlite3?|duckdb|dbf|(?:csv|json|txt|tsv|jsonl|ndjson)\.(?:gz|zip|bz2|xz|zst))$/i

/** A word that ends like another file. A sentence may end with such a name. */
const DOCUMENT =
  /^[^\s[{"]\S{0,4000}\.(csv|json|txt|tab|dat|ya?ml|xml|html?|md|markdown|rst|log|toml|ini|sql|db|pdf|docx?|odt|rtf|pptx?|zip|gz|tgz|bz2|xz|zst|7z|tar)$/i

/** A sentence for a parameter that takes a text and got the name of a file; undefined: there is nothing to say. */
export function fileNameNote(parameter: string, value: unknown, cure: string): string | undefined {
  const ending = typeof value === 'string' ? endingOfName(value) : undefined
  return ending && `${parameter} is the name of a .${ending} file, not its text. ${cure}`
}

/** The cure where only a tool can read the file. */
export const READ_FIRST = 'Read the file with `filesystem:read`, and give its `content`.'
