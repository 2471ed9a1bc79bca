// Days and moments as the service writes them (ISO 8601).

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const MOMENT = new RegExp(
  '^(\\d{4}-\\d{2}-\\d{2})T(\\d{2}):(\\d{2}):(\\d{2})(?:\\.\\d{3}(?:\\d{3})?)?'
  + '(?:Z|([+-])(\\d{2}):(\\d{2}))$');

// Whether a text is a day that the calendar has.
function isDay(text) {
  if (typeof text !== 'string' || !DAY.test(text) || text.startsWith('0000')) return false;
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}

// The moment (a Date) of a text with a time zone; null for anything else.
function momentOf(text) {
  const [, day, hours, minutes, seconds, sign, zoneHours, zoneMinutes] =
    (typeof text === 'string' && MOMENT.exec(text)) || [];
  const readable = isDay(day) && hours < 24 && minutes < 60 && seconds < 60
    && (zoneHours ?? 0) < 24 && (zoneMinutes ?? 0) < 60;
  if (!readable) return null;
  const offset = (sign === '-' ? -1 : 1) * ((zoneHours ?? 0) * 60 + Number(zoneMinutes ?? 0));
  const moment = new Date(`${day}T${hours}:${minutes}:${seconds}Z`);
  return new Date(moment.getTime() - offset * 60000);
}

// The day (UTC) of a moment, or of a corrected signature, which has its day alone; null for others.
function dayOf(confirmedAt) {
  return isDay(confirmedAt) ? confirmedAt : (momentOf(confirmedAt)?.toISOString().slice(0, 10) ?? null);
}

// Today (UTC), as 2026-03-08.
function today() {
  return new Date().toISOString().slice(0, 10);
}
