// Takes an archive apart, to see what a workbook holds: by the directory at its end, as every reader does.
import { inflateRawSync } from 'node:zlib';

const DIRECTORY_END = 0x06_05_4b_50;
const STORED = 0;

/** The files of a ZIP archive by their names, as text. */
export const unzip = (bytes: Uint8Array): Readonly<Record<string, string>> => {
  const zip = Buffer.from(bytes);
  const end = zip.lastIndexOf(Buffer.from('PK\u0005\u0006', 'latin1'));
  if (end < 0 || zip.readUInt32LE(end) !== DIRECTORY_END) throw new Error('this is no archive');
  const files: Record<string, string> = {};
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left -= 1) {
    const [method, size] = [zip.readUInt16LE(at + 10), zip.readUInt32LE(at + 20)];
    const [nameSize, extra, comment] = [28, 30, 32].map((place) => zip.readUInt16LE(at + place));
    const name = zip.toString('utf8', at + 46, at + 46 + (nameSize ?? 0));
    const local = zip.readUInt32LE(at + 42);
    const from = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    const content = zip.subarray(from, from + size);
    files[name] = (method === STORED ? content : inflateRawSync(content)).toString('utf8');
    at += 46 + (nameSize ?? 0) + (extra ?? 0) + (comment ?? 0);
  }
  return files;
};
