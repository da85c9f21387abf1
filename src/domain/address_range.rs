//! Which IP addresses are somebody's on the Internet, and which lead into a network that a stranger must not reach.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What is no address on the Internet.
/// <https://www.iana.org/assignments/iana-ipv4-special-registry/iana-ipv4-special-registry.xhtml>
const SPECIAL_V4: [(Ipv4Addr, u32); 17] = [
    // This network.
    (Ipv4Addr::UNSPECIFIED, 8),
    // Private networks.
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    // Addresses that a provider shares among its customers.
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    // This machine.
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    // The link, and with it the metadata services of clouds.
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    // What Azure's machines ask of their host; not in the registry.
    (Ipv4Addr::new(168, 63, 129, 16), 32),
    // Protocols.
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    // Relays of 6to4, which are not in use any more.
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    // Benchmarks.
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    // Documentation.
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    // Many at once.
    (Ipv4Addr::new(224, 0, 0, 0), 4),
    // Reserved, and everybody on the link.
    (Ipv4Addr::new(240, 0, 0, 0), 4),
    (Ipv4Addr::BROADCAST, 32),
];

/// What is no address on the Internet among those that are given out, `2000::/3`.
/// <https://www.iana.org/assignments/iana-ipv6-special-registry/iana-ipv6-special-registry.xhtml>
const SPECIAL_V6: [(Ipv6Addr, u32); 4] = [
    // Protocols, among them Teredo, benchmarks and ORCHID.
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    // Documentation.
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
    // 6to4, which wraps an IPv4 address and is not in use any more.
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16),
];

/// What is given out to somebody, so far.
/// <https://www.iana.org/assignments/ipv6-address-space/ipv6-address-space.xhtml>
const GIVEN_OUT: (Ipv6Addr, u32) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);
/// An IPv4 address by a translator that everybody has under this prefix (RFC 6052).
const TRANSLATED: (Ipv6Addr, u32) = (Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0), 96);

/// Whether an address may be somebody's on the Internet: not this machine's, not of a private network, no metadata service, and
/// not one of these in another form.
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => !SPECIAL_V4.iter().any(|range| is_in_v4(address, *range)),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let [.., first, second, third, fourth] = address.octets();
    if address.to_ipv4_mapped().is_some() || is_in_v6(address, TRANSLATED) {
        return is_public(IpAddr::V4(Ipv4Addr::new(first, second, third, fourth)));
    }
    is_in_v6(address, GIVEN_OUT) && !SPECIAL_V6.iter().any(|range| is_in_v6(address, *range))
}

fn is_in_v4(address: Ipv4Addr, (start, length): (Ipv4Addr, u32)) -> bool {
    (address.to_bits() ^ start.to_bits()).leading_zeros() >= length
}

fn is_in_v6(address: Ipv6Addr, (start, length): (Ipv6Addr, u32)) -> bool {
    (address.to_bits() ^ start.to_bits()).leading_zeros() >= length
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const REFUSED: [&str; 62] = [
        "0.0.0.0",
        "0.255.255.255",
        "10.0.0.0",
        "10.255.255.255",
        "100.64.0.0",
        "100.100.100.200",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.255.255",
        "168.63.129.16",
        "169.254.0.0",
        "169.254.169.254",
        "169.254.255.255",
        "172.16.0.0",
        "172.31.255.255",
        "192.0.0.0",
        "192.0.0.192",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.0.0",
        "192.168.255.255",
        "198.18.0.0",
        "198.19.255.255",
        "198.51.100.1",
        "203.0.113.255",
        "224.0.0.1",
        "239.255.255.250",
        "240.0.0.0",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::8.8.8.8",
        "::ffff:0.0.0.0",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "::ffff:10.1.2.3",
        "::ffff:0:127.0.0.1",
        "64:ff9b::127.0.0.1",
        "64:ff9b::169.254.169.254",
        "64:ff9b::10.0.0.1",
        "64:ff9b:1::8.8.8.8",
        "100::1",
        "100:0:0:1::1",
        "2001::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "2001:2::1",
        "2001:10::1",
        "2001:20::1",
        "2001:db8::1",
        "2002:7f00:1::1",
        "2002:a9fe:a9fe::1",
        "2002:808:808::1",
        "3fff::1",
        "3fff:fff:ffff::1",
        "4000::1",
        "5f00::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fec0::1",
        "ff02::1",
    ];

    const PUBLIC: [&str; 25] = [
        "1.0.0.0",
        "8.8.8.8",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.0",
        "168.63.129.17",
        "169.253.255.255",
        "169.255.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "192.0.1.0",
        "192.167.255.255",
        "192.169.0.0",
        "198.17.255.255",
        "198.20.0.0",
        "223.255.255.255",
        "::ffff:8.8.8.8",
        "64:ff9b::8.8.8.8",
        "2001:200::1",
        "2001:4860:4860::8888",
        "2606:4700::1111",
        "3ffe:ffff::1",
    ];

    #[test]
    fn what_leads_into_a_network_is_told_from_the_internet() {
        for (addresses, expected) in [(&REFUSED[..], false), (&PUBLIC, true)] {
            for address in addresses {
                assert_eq!(is_public(address.parse().unwrap()), expected, "{address}");
            }
        }
    }

    proptest! {
        #[test]
        fn an_address_in_another_form_is_as_public_as_it_is_itself(bits in any::<u32>()) {
            let plain = Ipv4Addr::from_bits(bits);
            let expected = is_public(IpAddr::V4(plain));
            prop_assert_eq!(is_public(IpAddr::V6(plain.to_ipv6_mapped())), expected);
            let translated = Ipv6Addr::from_bits(TRANSLATED.0.to_bits() | u128::from(bits));
            prop_assert_eq!(is_public(IpAddr::V6(translated)), expected);
        }

        #[test]
        fn nothing_that_the_standard_library_knows_to_be_special_is_public(bits in any::<u32>(), high in any::<u128>()) {
            let four = Ipv4Addr::from_bits(bits);
            let special = four.is_private() || four.is_loopback() || four.is_link_local() || four.is_multicast();
            prop_assert!(!special || !is_public(IpAddr::V4(four)), "{}", four);
            let six = Ipv6Addr::from_bits(high);
            let special = six.is_unique_local() || six.is_unicast_link_local() || six.is_multicast();
            prop_assert!(!special || !is_public(IpAddr::V6(six)), "{}", six);
        }
    }
}
