//! Pictures: what they are, how large, smaller, and in another format.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};

/// A picture with more points than this is not decoded: it would take seconds and hundreds of megabytes, however small its file.
const MOST_POINTS: u64 = 50_000_000;

/// The most bytes that decoding may take.
const MOST_BYTES: u64 = 512 << 20;

/// The formats that pictures can be made in.
pub const FORMATS: &[&str] = &["png", "jpeg", "webp"];

/// Returns the media type that bytes show by how they begin, such as `image/png`; None when they show none, as text does.
pub fn sniff(data: &[u8]) -> Option<&'static str> {
    infer::get(data).map(|kind| kind.mime_type())
}

/// Returns the width and height of a picture, as its head says; the message says why not.
pub fn size(data: &[u8]) -> Result<(u32, u32), String> {
    let mut decoder = decoder(data)?;
    let (width, height) = decoder.dimensions();
    let turned = decoder.orientation().is_ok_and(is_turned);
    Ok(if turned { (height, width) } else { (width, height) })
}

/// Makes a picture that fits into `width` and `height`, in its proportions; one that fits already keeps its size.
pub fn thumbnail(data: &[u8], width: u32, height: u32, format: &str) -> Result<Vec<u8>, String> {
    let picture = decode(data)?;
    let fits = picture.width() <= width && picture.height() <= height;
    let picture = if fits { picture } else { picture.thumbnail(width, height) };
    encode(&picture, format, 85)
}

/// Writes a picture in another format; `quality`, 1 to 100, matters to jpeg alone.
pub fn convert(data: &[u8], format: &str, quality: u8) -> Result<Vec<u8>, String> {
    encode(&decode(data)?, format, quality)
}

fn decoder(data: &[u8]) -> Result<impl ImageDecoder, String> {
    let mut reader = ImageReader::new(Cursor::new(data)).with_guessed_format().map_err(|error| error.to_string())?;
    if reader.format().is_none() {
        return Err("the bytes are no png, jpeg or webp".to_owned());
    }
    let mut limits = Limits::default();
    limits.max_alloc = Some(MOST_BYTES);
    reader.limits(limits);
    reader.into_decoder().map_err(|error| error.to_string())
}

fn decode(data: &[u8]) -> Result<DynamicImage, String> {
    let mut decoder = decoder(data)?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MOST_POINTS {
        return Err(format!("the picture has {width} x {height} points, and at most {MOST_POINTS} are decoded"));
    }
    // A camera writes how it was held beside the points.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut picture = DynamicImage::from_decoder(decoder).map_err(|error| error.to_string())?;
    picture.apply_orientation(orientation);
    Ok(picture)
}

fn encode(picture: &DynamicImage, format: &str, quality: u8) -> Result<Vec<u8>, String> {
    let mut out = Cursor::new(Vec::new());
    let written = match format {
        "png" => picture.write_to(&mut out, ImageFormat::Png),
        // JPEG has no transparency, and WebP takes eight bits.
        "jpeg" => picture.to_rgb8().write_with_encoder(JpegEncoder::new_with_quality(&mut out, quality.clamp(1, 100))),
        "webp" => DynamicImage::from(picture.to_rgba8()).write_to(&mut out, ImageFormat::WebP),
        _ => return Err(format!("`{format}` is no format that can be written; there are: {}", FORMATS.join(", "))),
    };
    written.map_err(|error| error.to_string())?;
    Ok(out.into_inner())
}

fn is_turned(orientation: Orientation) -> bool {
    use Orientation::{Rotate90, Rotate90FlipH, Rotate270, Rotate270FlipH};
    matches!(orientation, Rotate90 | Rotate270 | Rotate90FlipH | Rotate270FlipH)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(width: u32, height: u32, format: &str) -> Vec<u8> {
        encode(&DynamicImage::new_rgba8(width, height), format, 80).unwrap()
    }

    #[test]
    fn every_format_becomes_every_other() {
        for from in FORMATS {
            let data = picture(40, 20, from);
            assert_eq!(sniff(&data), Some(&*format!("image/{from}")));
            assert_eq!(size(&data), Ok((40, 20)));
            for to in FORMATS {
                let converted = convert(&data, to, 80).unwrap();
                assert_eq!((sniff(&converted), size(&converted)), (Some(&*format!("image/{to}")), Ok((40, 20))));
                assert_eq!(size(&thumbnail(&data, 10, 10, to).unwrap()), Ok((10, 5)));
                assert_eq!(size(&thumbnail(&data, 100, 100, to).unwrap()), Ok((40, 20)));
            }
        }
        assert!(convert(&picture(1, 1, "png"), "gif", 80).unwrap_err().contains("png, jpeg, webp"));
    }

    #[test]
    fn what_is_no_picture_is_an_error() {
        let whole = picture(40, 20, "png");
        for data in [&b""[..], b"hello", &whole[..20], &whole[..whole.len() / 2], b"\x89PNG\r\n\x1a\n"] {
            assert!(convert(data, "png", 80).is_err());
            assert!(thumbnail(data, 10, 10, "png").is_err());
        }
        assert!(size(b"hello").is_err());
        assert_eq!(sniff(b"hello"), None);
    }

    #[test]
    fn a_bomb_is_refused_by_its_head() {
        // A head that promises 60,000 x 60,000 points.
        let mut data = picture(1, 1, "png");
        let (width, height) = (60_000_u32.to_be_bytes(), 60_000_u32.to_be_bytes());
        data[16..20].copy_from_slice(&width);
        data[20..24].copy_from_slice(&height);
        let sum = crc(&data[12..29]).to_be_bytes();
        data[29..33].copy_from_slice(&sum);
        assert!(convert(&data, "png", 80).is_err());
    }

    /// The checksum of PNG's chunks.
    fn crc(data: &[u8]) -> u32 {
        !data.iter().fold(!0_u32, |crc, byte| {
            (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xEDB8_8320 & (0_u32.wrapping_sub(crc & 1))))
        })
    }
}
