// Markdown for generated documents: tables whose cells cannot break them, and the note that says where a file is from.

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`
  return [line(head), `|${' --- |'.repeat(head.length)}`, ...rows.map(line)].join('\n')
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ')
}

export function code(text: string): string {
  return `\`${text}\``
}

/** `source` is the file to change instead. */
export function document(title: string, source: string, ...parts: readonly string[]): string {
  const note = `<!-- Made by tools/generate-docs.ts from ${source}. Change that, then run: npm run docs -->`
  return `${[`# ${title}`, note, ...parts].join('\n\n')}\n`
}

export function mermaid(lines: readonly string[]): string {
  return ['```mermaid', ...lines, '```'].join('\n')
}
