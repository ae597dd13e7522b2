/**
 * A statement as PostgreSQL wants it: `?` becomes `$1`, `$2` … in order, `?3` becomes `$3`. What stands in quotes or comments
 * is left alone, and so is a statement that has `$n` already.
 */
export function numbered(sql: string): string {
  let n = 0;
  return sql.replace(
    /'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\/|\?(\d+)?/g,
    (found, place: string | undefined) => {
      if (!found.startsWith('?')) return found;
      if (place !== undefined) return `$${place}`;
      n++;
      return `$${n}`;
    },
  );
}
