/** What a file is by its first bytes, whatever it is called. */
export interface FileForm {
  /** a media type */
  readonly type: string
  /** as in `it is …` */
  readonly words: string
}

/** A form of pictures, films or sound; docs/cli.md lists them all. */
export interface MediaForm extends FileForm {
  /** how its files begin, so that no text does: `?` is any byte, `\\x` begins a byte in hex; none where only the ending tells it */
  readonly begins: readonly string[]
  /** what the names of such files end with; not what files of other kinds end with too */
  readonly endings: readonly string[]
}

/** How many bytes it takes to tell: three packets of a transport stream. */
export const headSizeBytes = 512

const form = (type: string, words: string, begins: readonly string[], endings: string): MediaForm => ({
  type,
  words,
  begins,
  endings: endings.split(' '),
})
const boxes = (names: string) => names.split('|').map((name) => `\\x00???${name}`)
const rawWords = 'raw from a camera'
const mpegWords = 'an MPEG film'

/** The first that fits is what a file is. */
export const mediaForms: readonly MediaForm[] = [
  form('image/jpeg', 'a JPEG picture', ['\\xff\\xd8\\xff'], '.jpg .jpeg .jpe .jfif .mpo'),
  form('image/png', 'a PNG picture', ['\\x89PNG\\x0d\\x0a\\x1a\\x0a'], '.png .apng'),
  form('image/webp', 'a WebP picture', ['RIFF????WEBP'], '.webp'),
  form('image/gif', 'a GIF picture', ['GIF87a', 'GIF89a'], '.gif'),
  form('image/avif', 'an AVIF picture', boxes('ftypavi'), '.avif .avifs'),
  form('image/heic', 'a HEIC picture', boxes('ftyphe'), '.heic .heics .hif'),
  form('image/heif', 'a HEIF picture', boxes('ftypmif1|ftypmsf1'), '.heif .heifs'),
  form(
    'image/tiff',
    'a TIFF picture, or raw from a camera',
    // the last four are of Olympus and Panasonic
    ['II*\\x00', 'MM\\x00*', 'II+\\x00', 'MM\\x00+', 'IIRO\\x08\\x00', 'IIRS\\x08\\x00', 'MMOR\\x00\\x00', 'IIU\\x00'],
    '.tif .tiff .pef .srw .rwl .3fr .iiq .erf .dcr .kdc',
  ),
  form('image/x-canon-cr3', rawWords, boxes('ftypcrx '), '.cr3'),
  form('image/x-canon-crw', rawWords, ['II\\x1a\\x00\\x00\\x00HEAPCCDR'], '.crw'),
  form('image/x-fuji-raf', rawWords, ['FUJIFILMCCD-RAW'], '.raf'),
  form('image/x-sigma-x3f', rawWords, ['FOVb'], '.x3f'),
  form('image/x-minolta-mrw', rawWords, ['\\x00MRM'], '.mrw'),
  // these begin as a TIFF does
  form('image/x-adobe-dng', rawWords, [], '.dng'),
  form('image/x-canon-cr2', rawWords, [], '.cr2'),
  form('image/x-nikon-nef', rawWords, [], '.nef .nrw'),
  form('image/x-sony-arw', rawWords, [], '.arw .sr2 .srf'),
  form('image/x-olympus-orf', rawWords, [], '.orf'),
  form('image/x-panasonic-rw2', rawWords, [], '.rw2'),
  form('image/jxl', 'a JPEG XL picture', ['\\xff\\x0a', '\\x00\\x00\\x00\\x0cJXL '], '.jxl'),
  form('image/jp2', 'a JPEG 2000 picture', ['\\x00\\x00\\x00\\x0cjP  '], '.jp2 .jpf .jpx .jpm .mj2'),
  form('image/j2c', 'a JPEG 2000 picture', ['\\xff\\x4f\\xff\\x51'], '.j2k .j2c .jpc'),
  form('image/jxr', 'a JPEG XR picture', ['II\\xbc'], '.jxr .wdp .hdp'),
  form('image/vnd.adobe.photoshop', 'a Photoshop picture', ['8BPS\\x00'], '.psd .psb'),
  form('image/x-xcf', 'a GIMP picture', ['gimp xcf '], '.xcf'),
  form('image/x-exr', 'an OpenEXR picture', ['v/1\\x01'], '.exr'),
  form('image/bmp', 'a Windows bitmap', ['BM????\\x00\\x00\\x00\\x00'], '.bmp .dib'),
  form(
    'image/vnd.microsoft.icon',
    'a Windows icon',
    ['\\x00\\x00\\x01\\x00?\\x00???\\x00', '\\x00\\x00\\x02\\x00?\\x00???\\x00'],
    '.ico .cur',
  ),
  form('image/x-tga', 'a Targa picture', [], '.tga'),
  form('application/dicom', 'a DICOM picture', [`${'?'.repeat(128)}DICM`], '.dcm .dicom'),
  form('audio/mp4', 'an MP4 recording', boxes('ftypM4A |ftypM4B '), '.m4a .m4b .m4r'),
  form(
    'video/quicktime',
    'a QuickTime film',
    // the others are from before there was `ftyp`
    boxes('ftypqt  |moov|mdat|wide|free|skip|pnot|udta'),
    '.mov .qt',
  ),
  form('video/mp4', 'an MP4 film', boxes('ftyp|styp|moof|sidx'), '.mp4 .m4v .f4v .insv .lrv'),
  form('video/3gpp', 'an MP4 film', [], '.3gp .3g2'),
  form('video/webm', 'a Matroska or WebM film', ['\\x1aE\\xdf\\xa3'], '.webm'),
  form('video/x-matroska', 'a Matroska or WebM film', [], '.mkv .mk3d .mka'),
  form('video/x-msvideo', 'an AVI film', ['RIFF????AVI '], '.avi .divx'),
  form('video/x-ms-asf', 'a Windows Media film or recording', ['0&\\xb2u'], '.asf'),
  form('video/x-ms-wmv', 'a Windows Media film or recording', [], '.wmv'),
  form('audio/x-ms-wma', 'a Windows Media film or recording', [], '.wma'),
  form('video/mpeg', mpegWords, ['\\x00\\x00\\x01\\xba', '\\x00\\x00\\x01\\xb3'], '.mpg .mpeg .vob .m2v .m1v'),
  // AVCHD, of camcorders, has 4 bytes before each packet; those who begin otherwise are told by `isTransportStream`
  form(
    'video/mp2t',
    mpegWords,
    ['G@\\x00', 'G@\\x11', '????G@\\x00', '????G@\\x11'],
    '.mts .m2ts .m2t', // not .ts: programs in TypeScript are called so too
  ),
  form('video/x-flv', 'a Flash film', ['FLV\\x01'], '.flv'),
  form('application/mxf', 'an MXF film', ['\\x06\\x0e\\x2b\\x34'], '.mxf'),
  form('video/x-dv', 'a DV film', ['\\x1f\\x07\\x00'], '.dv'),
  form(
    'application/vnd.rn-realmedia',
    'a RealMedia film or recording',
    ['.RMF\\x00\\x00\\x00', '.ra\\xfd'],
    '.rm .rmvb .ra',
  ),
  form('audio/wav', 'a WAV recording', ['RIFF????WAVE', 'RF64????WAVE', 'BW64????WAVE'], '.wav .rf64 .bwf'),
  form('audio/x-w64', 'a Wave64 recording', ['riff\\x2e\\x91\\xcf\\x11'], '.w64'),
  form('audio/aiff', 'an AIFF recording', ['FORM????AIF'], '.aif .aiff .aifc'),
  form('audio/x-caf', 'a CAF recording', ['caff\\x00\\x01'], '.caf'),
  form('audio/basic', 'an AU recording', ['.snd\\x00\\x00'], '.au .snd'),
  form('audio/ogg', 'an Ogg film or recording', ['OggS\\x00'], '.ogg .oga .opus .spx'),
  form('video/ogg', 'an Ogg film or recording', [], '.ogv'),
  form('audio/flac', 'a FLAC recording', ['fLaC\\x00'], '.flac'),
  form(
    'audio/mpeg',
    'an MP3 recording',
    [
      'ID3\\x02\\x00',
      'ID3\\x03\\x00',
      'ID3\\x04\\x00',
      ...'\\xfb \\xfa \\xf3 \\xf2 \\xe3 \\xe2 \\xfd \\xfc \\xf5 \\xf4'.split(' ').map((second) => `\\xff${second}`),
    ],
    '.mp3 .mp2 .mpga',
  ),
  form('audio/aac', 'an AAC recording', ['\\xff\\xf1', '\\xff\\xf9', '\\xff\\xf0', '\\xff\\xf8'], '.aac'),
  form('audio/amr', 'an AMR recording', ['#!AMR'], '.amr .awb'),
  form('audio/x-wavpack', 'a WavPack recording', ['wvpk?????\\x04'], '.wv'),
  // the version, 3.33 and later
  form('audio/x-ape', "a Monkey's Audio recording", ['MAC ?\\x0d', 'MAC ?\\x0e', 'MAC ?\\x0f'], '.ape'),
  form('audio/x-dsd', 'a DSD recording', ['DSD \\x1c\\x00', 'FRM8????????DSD '], '.dsf .dff'),
  form('audio/midi', 'a MIDI recording', ['MThd\\x00\\x00'], '.mid .midi'),
  form('audio/x-dss', 'a recording of a dictation machine', ['\\x02dss', '\\x03dss', '\\x03ds2'], '.dss .ds2'),
]

/** A byte, or null for any. */
type Pattern = readonly (number | null)[]

const patternOf = (beginning: string): Pattern =>
  [...beginning.matchAll(/\\x(..)|(.)/g)].map(([, digits, letter = '']) =>
    digits !== undefined ? Number.parseInt(digits, 16) : letter === '?' ? null : letter.charCodeAt(0),
  )

const patterns = mediaForms.flatMap((found) => found.begins.map((beginning) => [patternOf(beginning), found] as const))
const transportStream = mediaForms.find(({ type }) => type === 'video/mp2t')

/** ISO 13818-1: where packets begin, and how far apart: as such, behind 4 bytes of time each, and before 16 bytes of error correction. */
const packets = [
  [0, 188],
  [4, 192],
  [0, 204],
] as const

/** Three packets in a row. Each begins with a `G`, which three places of a text may have too; but its fourth byte is no letter. */
const isTransportStream = (head: Uint8Array): boolean =>
  packets.some(([start, stride]) =>
    [start, start + stride, start + 2 * stride].every((at) => {
      const kind = head[at + 3] ?? 0
      return head[at] === 0x47 && (kind & 0x30) !== 0 && kind >> 6 !== 1
    }),
  )

/**
 * Pictures, films and sound, which cameras, telephones and recorders make; of other files it knows nothing.
 * @param head the first 512 bytes, or all of them
 */
export function formOf(head: Uint8Array): FileForm | null {
  const fits = (pattern: Pattern) => pattern.every((byte, i) => (byte === null ? i < head.length : head[i] === byte))
  const found = patterns.find(([pattern]) => fits(pattern))?.[1]
  return found ?? (isTransportStream(head) && transportStream ? transportStream : null)
}

const byEnding = new Map(mediaForms.flatMap((found) => found.endings.map((ending) => [ending, found] as const)))

/** @param ending in lower case, with its dot */
export const formByEnding = (ending: string): FileForm | null => byEnding.get(ending) ?? null
