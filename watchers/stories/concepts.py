"""Defines CONCEPTS: what headlines say in many ways, in English and Vietnamese, under one word for each meaning.

It lets two texts in other words, or in the other language, share a term. General business and technology vocabulary only: no company,
no person, no single piece of news. Data only; `watchers.stories.terms` compiles it. English words match in every form that the
stemmer levels; Vietnamese phrases as written here.
"""

from __future__ import annotations

CONCEPTS: dict[str, str] = {
    # who does what with whom
    "partner": (
        "partner, partnership, team up, collaborate, collaboration, cooperate, cooperation, cooperative, tie up, tie-up, "
        "alliance, join forces, memorandum, mou, hợp tác, bắt tay, liên minh, đối tác, biên bản ghi nhớ"
    ),
    "sign": "sign, ink, ký kết, ký",
    "acquire": "acquire, acquisition, takeover, buyout, merge, merger, thâu tóm, sáp nhập, mua lại",
    "invest": "invest, investment, rót vốn, rót, đầu tư",
    "raise": "raise, raises, financing, funding, fundraising, funding round, gọi vốn, huy động vốn, huy động",
    "valuation": "valuation, valued, định giá",
    "back": "back, backed, backer, backs, hậu thuẫn",
    "launch": (
        "launch, unveil, introduce, debut, roll out, rollout, rolls out, rolled out, release, ra mắt, giới thiệu, trình "
        "làng, tung ra, công bố ra mắt, ra mẫu"
    ),
    "open": "open, inaugurate, inauguration, opens, khai trương, khánh thành, mở cửa",
    "build": "build, construct, construction, break ground, groundbreaking, xây dựng, khởi công, xây, động thổ",
    "factory": "factory, plant, fab, nhà máy, xưởng",
    "datacenter": "data center, data centre, data centers, data centres, datacenter, datacentre, trung tâm dữ liệu",
    "office": "office, headquarters, văn phòng, trụ sở",
    "research": "r&d, research, research center, nghiên cứu, trung tâm r&d",
    "expand": "expand, expansion, mở rộng",
    "close": "shut, shut down, shutter, đóng cửa",
    "scrap": "scrap, cancel, abandon, drop plan, withdraw, hủy bỏ, rút khỏi, từ bỏ, huỷ, hủy",
    "delay": "delay, postpone, obstacle, hurdle, challenge, setback, difficulty, trì hoãn, khó khăn, trở ngại, thách thức, chậm",
    "supply": "supply, supplier, cung cấp, nhà cung cấp, cung ứng",
    "order": "order, contract, đơn hàng, hợp đồng, đặt mua",
    "deliver": "deliver, delivery, deliveries, bàn giao, giao xe",
    "produce": "produce, production, manufacture, manufacturing, make, made, sản xuất, chế tạo",
    "sell": "sell, sold, sale, selling, bán, doanh số, tiêu thụ",
    "buy": "buy, bought, purchase, mua",
    "use": "adopt, adoption, deploy, deployment, áp dụng, triển khai, sử dụng",
    "recall": "recall, triệu hồi",
    # money and figures
    "earnings": "earnings, quarterly results, results, kết quả kinh doanh, báo cáo tài chính",
    "profit": "profit, net income, lợi nhuận, lãi",
    "loss": "loss, net loss, thua lỗ, lỗ",
    "revenue": "revenue, turnover, doanh thu",
    "breakeven": "break even, breakeven, hòa vốn, hoà vốn, có lãi",
    "dividend": "dividend, cổ tức",
    "ipo": "ipo, go public, initial public offering, lên sàn, niêm yết, list shares, chào bán cổ phiếu",
    "marketcap": "market cap, market capitalization, market capitalisation, market value, vốn hóa, vốn hoá, giá trị vốn hóa",
    "stock": "stock, share, shares, stocks, cổ phiếu",
    "record": (
        "record, all-time high, all time high, highest ever, new high, record high, kỷ lục, kỉ lục, cao nhất lịch sử, cao "
        "nhất mọi thời đại, đỉnh lịch sử, đỉnh mới"
    ),
    "up": (
        "trading up, moves up, moved up, rise, rose, jump, surge, soar, climb, gain, rally, pop, leap, skyrocket, advance, "
        "rebound, increase, higher, tăng, tăng vọt, tăng mạnh, bứt phá, tăng trưởng, growth, grow, grew"
    ),
    "down": (
        "down, fall, fell, drop, slide, slip, tumble, plunge, sink, decline, lose, sag, slump, decrease, lower, giảm, lao dốc, "
        "sụt, rơi, mất, tụt"
    ),
    "double": "double, twofold, gấp đôi",
    "triple": "triple, threefold, gấp ba",
    "target": "target, aim, eye, goal, forecast, guidance, expect, mục tiêu, đặt mục tiêu, kỳ vọng, dự kiến, dự báo",
    "plan": "plan, propose, consider, weigh, explore, intend, kế hoạch, dự định, cân nhắc, lên kế hoạch",
    "quarter1": "q1, first quarter, 1q, quý 1, quý i, quý một",
    "quarter2": "q2, second quarter, 2q, quý 2, quý ii, quý hai",
    "quarter3": "q3, third quarter, 3q, quý 3, quý iii, quý ba",
    "quarter4": "q4, fourth quarter, 4q, quý 4, quý iv, quý bốn",
    # states and courts
    "ban": "ban, block, bar, prohibit, restrict, restriction, curb, cấm, chặn, hạn chế, ngăn",
    "approve": "approve, approval, greenlight, clear, permit, license, licence, phê duyệt, chấp thuận, cấp phép, thông qua, cho phép",
    "tariff": "tariff, duty, duties, thuế quan, thuế đối ứng, thuế",
    "export": "export, xuất khẩu",
    "import": "import, nhập khẩu",
    "sue": "sue, lawsuit, legal action, complaint, kiện, khởi kiện",
    "probe": "probe, investigate, investigation, điều tra",
    "fine": "fine, penalty, phạt, xử phạt",
    "arrest": "arrest, detain, bắt giữ, khởi tố, tạm giam, bắt tạm giam",
    "visit": "visit, trip, thăm, chuyến thăm, công du",
    "meet": "meet, meeting, talks, gặp, hội đàm, gặp gỡ",
    "upgrade-ties": "upgrade ties, comprehensive strategic partnership, nâng cấp quan hệ, đối tác chiến lược toàn diện",
    "minister": "minister, secretary, bộ trưởng",
    "government": "government, chính phủ",
    "deny": "deny, denies, refute, dismiss reports, bác bỏ, phủ nhận",
    "say": "say, said, says, tell, told, cho biết, nói, khẳng định, tuyên bố",
    # people
    "appoint": "appoint, name ceo, promote, bổ nhiệm, bầu",
    "resign": "resign, step down, quit, depart, từ nhiệm, từ chức",
    "layoff": "layoff, lay off, job cuts, cut jobs, sa thải, cắt giảm nhân sự",
    "hire": "hire, recruit, hiring, tuyển dụng, tuyển",
    "ceo": "ceo, chief executive, tổng giám đốc, giám đốc điều hành",
    "chairman": "chairman, chairwoman, chủ tịch",
    "billionaire": "billionaire, richest man, tỷ phú, tỉ phú, richest",
    "employee": "employee, staff, worker, workforce, nhân viên, lao động",
    "student": "student, pupil, học sinh, sinh viên",
    "train": "train staff, training, đào tạo, huấn luyện",
    # things
    "ai": "ai, artificial intelligence, trí tuệ nhân tạo",
    "chip": "chip, chips, semiconductor, processor, chipmaker, bán dẫn, vi xử lý, con chip",
    "gpu": "gpu, gpus, graphics processing unit, bộ xử lý đồ họa",
    "supercomputer": "supercomputer, siêu máy tính",
    "ev": "ev, evs, electric vehicle, electric car, electric cars, electric vehicles, xe điện, ô tô điện, ôtô điện",
    "car": "car, vehicle, auto, automobile, xe, ô tô, ôtô, xe hơi",
    "petrol": "petrol, gasoline, gas-powered, xăng, xe xăng, xe chạy xăng",
    "battery": "battery, pin",
    "charging": "charging station, charging, charger, trạm sạc, sạc",
    "taxi": "taxi, ride-hailing, gọi xe",
    "robot": "robot, robotics, humanoid, robot hình người",
    "software": "software, phần mềm",
    "model": "language model, llm, mô hình ngôn ngữ, mô hình",
    "cloud": "cloud, điện toán đám mây, đám mây",
    "power": "power plant, electricity, energy, điện lực, năng lượng",
    "gas": "lng, natural gas, khí",
    "nuclear": "nuclear, điện hạt nhân, hạt nhân",
    "railway": "railway, high-speed rail, rail, đường sắt, đường sắt tốc độ cao, đường sắt cao tốc",
    "metro": "metro, subway, tàu điện ngầm, tuyến metro",
    "city": "urban area, township, khu đô thị, đô thị",
    "smartcity": "smart city, smart cities, đô thị thông minh, thành phố thông minh",
    "airport": "airport, sân bay",
    "hospital": "hospital, bệnh viện",
    "school": "school, university, campus, trường, đại học",
    "hotel": "hotel, khách sạn, resort",
    "bank": "bank, ngân hàng",
    "phone": "phone, smartphone, điện thoại",
    "game": "gamer, gaming, game thủ",
    "startup": "startup, start-up, khởi nghiệp",
    "rocket": "satellite, vệ tinh",
    "drone": "drone, uav, máy bay không người lái",
    "network": "5g, network, mạng",
    "memory": "memory, bộ nhớ",
    "center": "center, centre, hub, trung tâm",
    "project": "project, dự án",
    "company": "company, firm, corporation, corp, inc, group, enterprise, công ty, doanh nghiệp, tập đoàn, hãng",
    # where and how
    "overseas": (
        "overseas, abroad, foreign, international, global, globally, worldwide, outside vietnam, nước ngoài, quốc tế, toàn cầu, thế giới"
    ),
    "domestic": "domestic, local market, trong nước, nội địa",
    "compete": "compete, rival, competitor, competition, shot at, take on, cạnh tranh, đối thủ, đối đầu",
    "never": "never, no longer, không bao giờ, không còn",
    "again": "again, trở lại, quay lại",
    "first": "first, lần đầu, đầu tiên",
    "largest": "largest, biggest, lớn nhất",
    "new": "new, newest, latest, next gen, next-gen, next generation, mới, thế hệ mới",
    "strategic": "strategic, chiến lược",
    "comprehensive": "comprehensive, toàn diện",
    "demand": "demand, nhu cầu",
    "price": "price, pricing, giá",
    "growth-lever": "growth lever, growth driver, động lực tăng trưởng",
    "shareholder": "shareholder, agm, annual general meeting, annual meeting, đại hội đồng cổ đông, cổ đông",
    "attack": "hack, breach, cyberattack, ransomware, tấn công mạng, tin tặc",
    "fire": "blaze, cháy, hỏa hoạn",
    "accident": "accident, crash, tai nạn",
    "us": "u.s, u.s.a, united states, america, american, mỹ, hoa kỳ",
    "china": "china, chinese, trung quốc",
    "japan": "japan, japanese, nhật bản",
    "korea": "korea, korean, south korea, south korean, hàn quốc",
    "vietnam": "vietnam, vietnamese, viet nam, việt nam",
    "india": "india, indian, ấn độ",
    "indonesia": "indonesia, indonesian",
    "europe": "europe, european, châu âu",
    "germany": "germany, german, nước đức",
    "taiwan": "taiwan, taiwanese, đài loan",
    "iran": "iran, iranian",
    "israel": "israel, israeli",
    "russia": "russia, russian, nga",
    "ukraine": "ukraine, ukrainian",
    "france": "france, french, nước pháp",
    "britain": "britain, british, united kingdom, u.k, vương quốc anh",
    "singapore": "singapore, singaporean",
    "malaysia": "malaysia, malaysian",
    "thailand": "thailand, thai, thái lan",
    "philippines": "philippines, philippine",
    "cambodia": "cambodia, cambodian, campuchia",
    "laos": "laos, lào",
    "australia": "australia, australian, úc",
    "canada": "canada, canadian",
    "mexico": "mexico, mexican",
    "brazil": "brazil, brazilian",
    "saudi": "saudi arabia, saudi, ả rập xê út",
    "hanoi": "hanoi, ha noi, hà nội",
    "saigon": "ho chi minh city, hcmc, ho chi minh, tp.hcm, tp hcm, tphcm, tp hồ chí minh, thành phố hồ chí minh, sài gòn",
    "danang": "da nang, danang, đà nẵng",
    "newyork": "new york",
    "washington": "washington, white house, nhà trắng",
    "beijing": "beijing, bắc kinh",
    "tokyo": "tokyo",
    "london": "london",
    "hongkong": "hong kong, hồng kông",
    "asia": "asia, asian, southeast asia, châu á, đông nam á",
}

PLACES = frozenset(
    """china japan korea vietnam india indonesia europe germany taiwan iran israel russia ukraine france britain singapore malaysia
    thailand philippines cambodia laos australia canada mexico brazil saudi hanoi saigon danang newyork washington beijing tokyo
    london hongkong
    """.split()  # noqa: SIM905
)
"""Concepts that are places: two items that each name another one tell of different happenings."""
CITIES = {
    "hanoi": "vietnam", "saigon": "vietnam", "danang": "vietnam", "newyork": "us", "washington": "us", "beijing": "china", "tokyo": "japan",
    "london": "britain", "hongkong": "china",
}  # fmt: skip
"""Those of them that are cities, and their states."""
REGIONS = frozenset({"europe", "asia"})
"""Concepts that are parts of the world: a state or a city may lie in them."""

RANKS = frozenset(
    """president minister premier chairman chairwoman chair chief ceo cfo cto coo founder director secretary senator governor general
    king queen prince pope mr mrs ms dr sir ông bà anh chị tổng chủ thủ bộ giám
    tp tt city province thành tỉnh quận huyện
    """.split()  # noqa: SIM905
)
"""Words in capitals beside a name that are no part of it: "President Tran" may be "Linh Tran", "TP Huế" is Huế."""

COMMON = frozenset(
    # Words that headlines of every kind use: little weight, and never a name even where a headline capitalises everything.
    """about above across after ahead already also amid among analyst answer any around ask away bad bear because become before
    behind below best bet better between beyond big bit boost boosts boom both bring brings buyback can case catch cause chance
    change check claim come comes coming continue could crucial cut cuts daily day days deal deeper did different does done
    driving driver during each early easy edge effort end enough even ever every everyone exactly face faces fact facts fast few
    finally find five focus for four from full further future get gets getting give giant go going good got great half hard has
    have head hedge help helps here hit hits hold holding holdings holder honest hot how huge impact important inc incredible
    indicate industry insider inside insight into investor investors issue its job joint join joins just keep key know last late
    later lead leader leading leads least leave left less let like likely line little live llc long look looks lot love low ltd
    main major many mark match matter may mean means message might milestone million billion trillion minute mixed momentum money
    month months more most move moves moving much must near need needs news next nine no not now number of off offer on once one
    only opportunity option options other our out outlook over own part past path people pick place play plc point portfolio
    position positions power pressure probably pts push pushes pushing put question quick quiet reach reaches ready real reason
    reasons report reports reportedly return right run running same sector see seen sees sends sent series set sets seven several
    shift short should show shows side sight signal signals since six smart solid some soon spend stake stakes stand start starts
    stay steady still stop story strategy strength strong such sure take takes taking talk tech technology ten than that the their
    them then there these they thing things think this three through time to today together told tomorrow top toward towards trade
    trader traders trading trend try turn two ultimate under until update upside use value very view views want wants was watch
    way week weeks well were what when where which while who why will win winner with within without work works world worth would
    wrong year years yes yesterday yet you your zone session corporation corp company stock stocks shares share market markets
    bull momentum price equity equities wall street rating ratings và của cho với các những một trong là có được tại từ đến khi
    này về sẽ đã không ra vào trên theo vì do như để người năm ngày tháng nhiều đang hơn sau trước còn thêm lên xuống cùng qua bởi
    mà thì cũng phải lớn cao đầu hai ba bốn tuần hôm nay nhất gần vẫn chỉ nào gì sao ông bà việc thị trường nhà đại tỷ tỉ triệu
    đồng nghìn asset management capital wealth financial advisor advisors advisers adviser partners holdings group fund funds
    associates investment investments counsel international trust global services service association
    """.split()  # noqa: SIM905 - a paragraph of words reads better than a list
)

STOP = frozenset(
    """a an the and or but if of at by for with to from in on as is are was were be been being it its this that these those he she
    they we you i his her their our your my me him them us do does did has have had will would can could may might shall should
    not no s t re ve ll d m than then so just also very too và của cho với các những một trong là có được tại từ đến khi này về ở
    thì mà bị do ra vào đã đang sẽ
    """.split()  # noqa: SIM905
)
