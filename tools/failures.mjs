// What failed, one line each, for the very end of a run: whoever keeps only the last lines of a log still sees which
// test it was and what it said. Read from the report of Vitest's JSON reporter, not from what scrolled by.
import { relative, sep } from 'node:path'
import { stripVTControlCharacters } from 'node:util'

const LONGEST_LINE = 400
const MOST_LINES = 60

/**
 * @param {any} found what the JSON reporter wrote; undefined when it wrote nothing that can be read
 * @param {string} root what paths are told from
 * @returns {string[]} `file > full name: first line of the error`
 */
export function failuresIn(found, root) {
  const files = found?.testResults ?? []
  return files.flatMap(({ name, status, message, assertionResults }) => {
    const file = relative(root, name ?? '')
      .split(sep)
      .join('/')
    const failed = assertionResults.filter((test) => test.status === 'failed')
    if (failed.length > 0) {
      return failed.map((test) => line(`${file} > ${fullName(test)}`, test.failureMessages?.[0]))
    }
    return status === 'failed' ? [line(file, message)] : []
  })
}

/** `what: first line of the text`, of a length that fits a log. */
export function line(what, text) {
  const plain = stripVTControlCharacters(String(text ?? ''))
  const first = plain.split('\n').find((one) => one.trim() !== '')
  return `${what}: ${first?.trim() ?? 'it failed without a word'}`.slice(0, LONGEST_LINE)
}

/** What the summary shows of them: as many as a log's end can hold, and how many more there are. */
export function shown(failures) {
  const left = failures.length - MOST_LINES
  const lines = failures.slice(0, MOST_LINES)
  return left > 0 ? [...lines, `… and ${left} more`] : lines
}

function fullName({ ancestorTitles, title, fullName: whole }) {
  return title === undefined ? whole : [...(ancestorTitles ?? []), title].join(' > ')
}
