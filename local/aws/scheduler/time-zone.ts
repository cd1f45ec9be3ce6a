/** Wall clock times are milliseconds too: those of the UTC instant at which a clock in Greenwich shows the same. */

const formats = new Map<string, Intl.DateTimeFormat>();

const dayMs = 86_400_000;

/** Whether `name` is a zone of the IANA database; offsets like `+02:00`, which `Intl` takes as well, are none. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    formatOf(name);
    return true;
  } catch {
    return false;
  }
}

/** What the clocks of `zone` show at `instant`. */
export function wallTimeAt(instant: number, zone: string): number {
  if (zone === 'UTC') return instant;
  const fields: Record<string, number> = {};
  for (const { type, value } of formatOf(zone).formatToParts(instant)) fields[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = fields;
  return Date.UTC(year, month - 1, day, hour, minute, second) + (((instant % 1000) + 1000) % 1000);
}

/** When the clocks of `zone` show `wallTime`, earliest first: once, never (set forward over it) or twice (set back). */
export function instantsOf(wallTime: number, zone: string): number[] {
  if (zone === 'UTC') return [wallTime];
  const candidates = new Set([
    wallTime - offsetAt(wallTime - dayMs, zone),
    wallTime - offsetAt(wallTime + dayMs, zone),
  ]);
  return [...candidates].filter((instant) => wallTimeAt(instant, zone) === wallTime).sort((a, b) => a - b);
}

/** The earliest of `instantsOf`; a time that is left out is as much later as the clocks are set forward. */
export function instantOf(wallTime: number, zone: string): number {
  return instantsOf(wallTime, zone)[0] ?? wallTime - offsetAt(wallTime - dayMs, zone);
}

function offsetAt(instant: number, zone: string): number {
  return wallTimeAt(instant, zone) - instant;
}

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known) return known;
  const numeric = 'numeric';
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    ...{ year: numeric, month: numeric, day: numeric, hour: numeric, minute: numeric, second: numeric },
  });
  formats.set(zone, format);
  return format;
}
